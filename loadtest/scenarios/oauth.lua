-- One request over and over. Arguments after "--": method, path, the value of Authorization, the body of a form.
function init(arguments)
   wrk.method, wrk.path = arguments[1], arguments[2]
   wrk.headers["Authorization"] = arguments[3]
   if arguments[4] ~= "" then
      wrk.body = arguments[4]
      wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
   end
end

function done(summary, latency)
   local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
   io.write(string.format('RESULT {"requests":%d,"seconds":%.3f,"p50_ms":%.3f,"p99_ms":%.3f,"errors":%d}\n',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, errors))
end
