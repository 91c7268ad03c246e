-- The roles that every installation begins with. It takes no lock that anybody waits for. A role of the same name that is there already
-- keeps its permissions.

insert into role (name, permissions)
values
    ('Super Admin', '{view_experimentsession,add_experimentsession,change_experimentsession,delete_experimentsession}'),
    ('Chatbot Admin', '{view_experimentsession,add_experimentsession,change_experimentsession,delete_experimentsession}'),
    ('Chat Viewer', '{view_experimentsession}'),
    ('Annotation Reviewer', '{view_experimentsession}'),
    ('Team Admin', '{}')
on conflict (name) do nothing;
