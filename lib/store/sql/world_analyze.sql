-- Statistics of what a load has filled, and the visibility that saves look-ups. Outside a transaction. No parameters.
vacuum (analyze) session, message, session_facet, session_count, session_version_count, session_file, session_usage, tag, participant, experiment
