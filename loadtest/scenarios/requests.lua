-- What wrk sends. Arguments after "--": the operation, the file of sessions ("key session-id" a line), the file of chatbots
-- ("key experiment-id" a line), a seed. The requests are made before the clock starts, so that the generator costs little.
local operation, sessions, chatbots
local requests, place = {}, 0

local function read_pairs(path)
   local pairs_read = {}
   for line in io.lines(path) do
      local key, id = line:match("^(%S+)%s+(%S+)$")
      if key then pairs_read[#pairs_read + 1] = {key = key, id = id} end
   end
   return pairs_read
end

local function any(list) return list[math.random(#list)] end

local make = {
   path = function(session) return "GET", session.id end, -- "key path" a line, in place of a session's id.
   session_retrieve = function(session) return "GET", "/api/sessions/" .. session.id .. "/" end,
   session_list = function() return "GET", "/api/sessions/?page_size=25" end,
   session_update_state = function(session)
      local body = string.format('{"state":{"step":%d,"lang":"en","flags":["a","b"]}}', math.random(1000000))
      return "PATCH", "/api/sessions/" .. session.id .. "/update_state/", body
   end,
   session_add_tags = function(session)
      local body = string.format('{"tags":["tag-%d","tag-%d"]}', math.random(40), math.random(40))
      return "POST", "/api/sessions/" .. session.id .. "/tags/", body
   end,
   session_create = function(_, number)
      local chatbot = any(chatbots)
      local body = string.format(
         '{"experiment":"%s","participant":"user%d@example.com","state":{"step":%d},"messages":[' ..
         '{"role":"user","content":"Hello, I would like to know more about the programme and how I can register for it, please. (%d)"},' ..
         '{"role":"assistant","content":"Welcome! You can register at any clinic; bring an identity card and the form sent to you last week."}]}',
         chatbot.id, math.random(440), number, number)
      return "POST", "/api/sessions/", body, chatbot.key
   end,
}

-- What people do in a day: most of it is reading.
local mix = {
   {60, "session_retrieve"}, {75, "session_list"}, {85, "session_create"}, {95, "session_update_state"}, {100, "session_add_tags"},
}

local function pick()
   if operation ~= "mix" then return operation end
   local dice = math.random(100)
   for _, share in ipairs(mix) do
      if dice <= share[1] then return share[2] end
   end
end

function init(arguments)
   operation = arguments[1]
   sessions, chatbots = read_pairs(arguments[2]), read_pairs(arguments[3])
   math.randomseed(tonumber(arguments[4]))
   for number = 1, 20000 do
      local session = any(sessions)
      local method, path, body, key = make[pick()](session, number)
      local fields = {["X-api-key"] = key or session.key}
      if body then fields["Content-Type"] = "application/json" end
      requests[number] = wrk.format(method, path, fields, body)
   end
end

function request()
   place = place % #requests + 1
   return requests[place]
end

function done(summary, latency)
   local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
   io.write(string.format('RESULT {"requests":%d,"seconds":%.3f,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f,"errors":%d}\n',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3, errors))
end
