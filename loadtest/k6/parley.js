// Load for Parley, for k6: an open model (requests arrive whether or not earlier ones were answered) and the objectives as thresholds, so that k6's
// exit code is the verdict. run.sh starts it and makes the accounts; README.md lists profiles, operations and settings. By hand:
//
//   k6 run -e PROFILE=load -e PARLEY_URL=http://127.0.0.1:8080 -e ACCOUNTS=$PWD/accounts.json parley.js
//
// It makes its own data: what it changes are sessions that it has made, what it reads are these and those that are there.
import { check } from 'k6';
import { randomBytes, sha256 } from 'k6/crypto';
import encoding from 'k6/encoding';
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter, Trend } from 'k6/metrics';

const url = __ENV.PARLEY_URL || 'http://127.0.0.1:8080';
const rate = Number(__ENV.RATE || 100);
const shorten = Number(__ENV.SHORTEN || 1);
const callersMax = 20; // Of each kind of credential.
const ownSessions = 10; // Made in each team, to be changed.

// The file of accounts: JSON, or one API key a line.
function readAccounts(text) {
  const none = { keys: [], machines: [], people: [], channels: [] };
  if (text.trim().startsWith('{')) return Object.assign(none, JSON.parse(text));
  return Object.assign(none, { keys: text.split('\n').filter((line) => line !== '') });
}
const accounts = readAccounts(open(__ENV.ACCOUNTS || './accounts.json'));

// What is done in a day: most of it is reading.
const mix = [
  [53, 'session_retrieve'], [14, 'session_list'], [10, 'session_create'], [8, 'session_update_state'], [4, 'session_add_tags'],
  [3, 'session_remove_tags'], [2, 'session_end_experiment_session'], [2, 'session_append_messages'], [1, 'chat_start'], [1, 'chat_message'],
  [1.5, 'chat_poll'], [0.3, 'oauth_introspect'], [0.1, 'oauth_userinfo'], [0.1, 'oauth_token'],
];

// ... and by whom: the API key in its own field, the same key as a bearer, a machine's access token, a person's.
const credentials = [[55, 'key'], [15, 'bearer'], [15, 'machine'], [15, 'person']];

// --- Profiles and objectives ---------------------------------------------------------------------------------------------------------------

function stage(seconds, target) {
  return { duration: `${Math.max(1, Math.round(seconds / shorten))}s`, target: Math.max(1, Math.round(target)) };
}

function arrivals(stages) {
  return { executor: 'ramping-arrival-rate', startRate: 1, timeUnit: '1s', preAllocatedVUs: 50, maxVUs: 500, stages };
}

// A stretch of time at one rate.
function phase(name, startSeconds, seconds, perSecond) {
  const time = (value) => `${Math.round(value / shorten)}s`;
  return {
    [name]: {
      executor: 'constant-arrival-rate', rate: Math.max(1, Math.round(perSecond)), timeUnit: '1s', startTime: time(startSeconds), duration: time(seconds),
      preAllocatedVUs: 100, maxVUs: 500,
    },
  };
}

export const profiles = {
  // Does it work? Every operation with every credential in turn; each at least twice.
  smoke: {
    smoke: {
      executor: 'constant-arrival-rate', rate: 5, timeUnit: '1s', duration: `${Math.ceil((2 * combinations().length) / 5)}s`, preAllocatedVUs: 5, maxVUs: 20,
      exec: 'inTurn',
    },
  },
  // The expected day.
  load: { load: arrivals([stage(30, rate), stage(300, rate), stage(15, 1)]) },
  // Twice of it, for long enough to fill what can fill.
  stress: { stress: arrivals([stage(60, rate), stage(120, 2 * rate), stage(300, 2 * rate), stage(30, 1)]) },
  // Ten times of it from one second to the next, and whether it recovers.
  spike: { ...phase('before', 0, 30, rate / 2), ...phase('spike', 30, 30, 10 * rate), ...phase('after', 60, 60, rate / 2) },
  // Half of it for two hours: what leaks shows.
  soak: { soak: arrivals([stage(60, rate / 2), stage(7200, rate / 2), stage(30, 1)]) },
  // Up until an objective is missed: where that is, is the answer.
  breakpoint: { breakpoint: { ...arrivals([stage(1200, 100 * rate)]), preAllocatedVUs: 300 } },
};

// 99.9 % as promised, 99 % within 250 ms. In a spike callers may be refused with 503 or 429 and a Retry-After, but nobody waits for long; before
// and after it the objectives hold. Each scenario is judged by its own requests: those that make the data are not the load.
function objectivesOf(scenario) {
  const limits = { checks: 'rate>0.999', http_req_failed: 'rate<0.001', http_req_duration: 'p(99)<250', dropped_iterations: 'rate<1' };
  if (scenario === 'spike') {
    delete limits.http_req_failed;
    delete limits.dropped_iterations;
  }
  // A smoke's hundred requests are too few to speak of 99 %: there it is the slowest.
  if (scenario === 'spike' || scenario === 'smoke') limits.http_req_duration = 'p(99)<2000';
  // k6 makes callers while it goes: a breakpoint is where many requests find none, not the first second in which some did.
  if (scenario === 'breakpoint') limits.dropped_iterations = 'rate<10';
  // The first seconds of a run have too few requests to end it by.
  const limitOf = (threshold) => (scenario === 'breakpoint' ? { threshold, abortOnFail: true, delayAbortEval: '10s' } : threshold);
  return Object.fromEntries(Object.entries(limits).map(([metric, threshold]) => [`${metric}{scenario:${scenario}}`, [limitOf(threshold)]]));
}

const profile = __ENV.PROFILE || 'smoke';
if (!(profile in profiles)) throw new Error(`no such profile: ${profile}; there are ${Object.keys(profiles).join(', ')}`);

function scenariosOf(name) {
  const scenarios = {};
  for (const [key, scenario] of Object.entries(profiles[name])) scenarios[key] = { exec: 'call', gracefulStop: '30s', ...scenario };
  return scenarios;
}

export const options = {
  scenarios: scenariosOf(profile),
  thresholds: Object.assign({}, ...Object.keys(profiles[profile]).map(objectivesOf)),
  summaryTrendStats: ['count', 'avg', 'min', 'med', 'p(90)', 'p(99)', 'p(99.9)', 'max'],
  setupTimeout: '120s',
  discardResponseBodies: true, // Where a text is looked at, the request asks for it.
};

// --- Requests ------------------------------------------------------------------------------------------------------------------------------

function paramsOf(operation, fields, more) {
  return { headers: { 'Content-Type': 'application/json', ...fields }, tags: { operation, name: operation }, timeout: '30s', ...more };
}

// What requests of these operations carry.
function fieldsOf(caller) {
  return caller.credential === 'key' ? { 'X-api-key': caller.secret } : { Authorization: `Bearer ${caller.secret}` };
}

const readText = { responseType: 'text' };
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

function basic(client) {
  return { ...form, Authorization: `Basic ${encoding.b64encode(`${client.id}:${client.secret}`)}` };
}

function any(list) {
  return list[Math.floor(Math.random() * list.length)];
}

function pick(shares, allowed) {
  const possible = shares.filter(([, name]) => allowed(name));
  let dice = Math.random() * possible.reduce((sum, [share]) => sum + share, 0);
  for (const [share, name] of possible) {
    if (dice < share) return name;
    dice -= share;
  }
  return possible[0][1];
}

function create(caller, team, operation) {
  const number = Math.floor(Math.random() * 1000);
  const body = {
    experiment: any(team.experiments),
    participant: `k6-${number}@example.org`,
    state: { step: number },
    messages: [{ role: 'user', content: 'Hello, how can I register?' }, { role: 'assistant', content: 'At any clinic, with an identity card.' }],
  };
  return http.post(`${url}/api/sessions/`, JSON.stringify(body), paramsOf(operation, fieldsOf(caller), readText));
}

function own(team) {
  return `${url}/api/sessions/${any(team.own)}/`;
}

// Operations of the sessions: by a caller of any kind, in their team. Each returns the answer and the status it has to have.
export const sessionOperations = {
  session_retrieve: (caller, team) => [
    http.get(`${url}/api/sessions/${any(team.sessions)}/`, paramsOf('session_retrieve', fieldsOf(caller))), 200],
  session_list: (caller) => [
    http.get(`${url}/api/sessions/?page_size=25&ordering=-created_at`, paramsOf('session_list', fieldsOf(caller))), 200],
  session_create: (caller, team) => [create(caller, team, 'session_create'), 201],
  session_update_state: (caller, team) => {
    const state = { step: Math.floor(Math.random() * 1000), flags: ['a', 'b'] };
    return [http.patch(`${own(team)}update_state/`, JSON.stringify({ state }), paramsOf('session_update_state', fieldsOf(caller))), 200];
  },
  session_add_tags: (caller, team) => {
    const tags = [`k6-${Math.floor(Math.random() * 40)}`, 'k6'];
    return [http.post(`${own(team)}tags/`, JSON.stringify({ tags }), paramsOf('session_add_tags', fieldsOf(caller))), 200];
  },
  session_remove_tags: (caller, team) => [
    http.del(`${own(team)}tags/`, JSON.stringify({ tags: ['k6'] }), paramsOf('session_remove_tags', fieldsOf(caller))), 200],
  // A session can be ended once: of one that is made for it.
  session_end_experiment_session: (caller, team) => {
    const made = create(caller, team, 'session_create');
    if (made.status !== 201) return [made, 201];
    const path = `${url}/api/sessions/${made.json('id')}/end_experiment_session/`;
    return [http.post(path, null, paramsOf('session_end_experiment_session', fieldsOf(caller))), 200];
  },
  session_append_messages: (caller, team) => {
    const body = { messages: [{ role: 'assistant', content: 'Your parcel is on its way.' }] };
    const path = `${url}/api/v2/sessions/${any(team.own)}/messages/`;
    return [http.post(path, JSON.stringify(body), paramsOf('session_append_messages', fieldsOf(caller))), 201];
  },
};

function startChat(channel) {
  const body = JSON.stringify({ chatbot_id: channel.chatbot });
  return http.post(`${url}/api/chat/start/`, body, paramsOf('chat_start', { 'X-Embed-Key': channel.key, Origin: channel.origin }, readText));
}

// Operations of a widget: the channel's key starts a chat, the chat's token comes back to it.
export const chatOperations = {
  chat_start: (data) => [startChat(any(accounts.channels)), 201],
  chat_message: (data) => {
    const chat = any(data.chats);
    const params = paramsOf('chat_message', { 'X-Session-Token': chat.token });
    return [http.post(`${url}/api/chat/${chat.id}/message/`, JSON.stringify({ message: 'Where is my parcel?' }), params), 202];
  },
  chat_poll: (data) => {
    const chat = any(data.chats);
    const since = encodeURIComponent(new Date(Date.now() - 5000).toISOString());
    return [http.get(`${url}/api/chat/${chat.id}/poll/?since=${since}`, paramsOf('chat_poll', { 'X-Session-Token': chat.token })), 200];
  },
};

function grantToMachine(machine) {
  const body = { grant_type: 'client_credentials', scope: 'sessions:read sessions:write' };
  return http.post(`${url}/o/token/`, body, paramsOf('oauth_token', basic(machine), readText));
}

// Operations of the authorization server, by a client with its secret, but for userinfo: by a person's token.
export const oauthOperations = {
  oauth_token: () => [grantToMachine(any(accounts.machines)), 200],
  oauth_introspect: (data) => {
    const caller = any(data.callers.filter((one) => one.credential === 'machine'));
    const body = { token: caller.secret };
    return [http.post(`${url}/o/introspect/`, body, paramsOf('oauth_introspect', basic(accounts.machines[caller.client]))), 200];
  },
  oauth_userinfo: (data) => [
    http.get(`${url}/o/userinfo/`, paramsOf('oauth_userinfo', fieldsOf(any(data.callers.filter((one) => one.credential === 'person'))))), 200],
};

export const operations = [...Object.keys(sessionOperations), ...Object.keys(chatOperations), ...Object.keys(oauthOperations)];
const wanted = __ENV.OPERATION || '';
if (wanted !== '' && !operations.includes(wanted)) throw new Error(`no such operation: ${wanted}; there are ${operations.join(', ')}`);
const wantedCredential = __ENV.CREDENTIAL || '';
if (wantedCredential !== '' && !has(wantedCredential)) throw new Error(`no account for the credential ${wantedCredential}`);

// Whether the accounts are enough for a credential or an operation. Functions are hoisted: profiles ask too.
function has(name) {
  if (name === 'key' || name === 'bearer') return accounts.keys.length > 0;
  if (name === 'person' || name === 'oauth_userinfo') return accounts.people.length > 0;
  if (name.startsWith('chat_')) return accounts.channels.length > 0;
  if (name === 'machine' || name.startsWith('oauth_')) return accounts.machines.length > 0;
  return true;
}

// Every operation that the accounts are enough for, with every credential that it takes.
function combinations() {
  const all = [];
  const kinds = ['key', 'bearer', 'machine', 'person'].filter(has);
  for (const [, operation] of mix) {
    if (!has(operation)) continue;
    if (operation.startsWith('session_')) for (const credential of kinds) all.push([operation, credential]);
    else all.push([operation, '']);
  }
  return all;
}

// --- Before the load -----------------------------------------------------------------------------------------------------------------------

function must(answer, status, what) {
  if (answer.status !== status) throw new Error(`${what}: ${answer.status} ${answer.error} ${answer.body}`);
  return answer;
}

// A person's access token by the authorization code with PKCE: k6 is the browser that signs in and consents, and the application. Each has cookies of
// their own.
function signIn(person) {
  const setup = { redirects: 0, jar: new http.CookieJar(), ...readText, tags: { operation: 'setup', name: 'setup' } };
  const post = { ...setup, headers: { ...form, Origin: url } };
  const ticketOf = (answer) => answer.body.match(/name="csrfmiddlewaretoken" value="([^"]*)"/)[1];
  const verifier = encoding.b64encode(randomBytes(48), 'rawurl');
  const question = {
    response_type: 'code', client_id: person.id, redirect_uri: person.redirect_uri, scope: 'openid sessions:read sessions:write', state: 'k6',
    code_challenge: sha256(verifier, 'base64rawurl'), code_challenge_method: 'S256',
  };
  const link = `${url}/o/authorize/?${Object.entries(question).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
  const login = `${url}${must(http.get(link, setup), 302, 'authorize').headers.Location}`;
  const page = must(http.get(login, setup), 200, 'login page');
  must(http.post(login, { csrfmiddlewaretoken: ticketOf(page), login: person.email, password: person.password }, post), 302, 'login');
  const consent = must(http.get(link, setup), 200, 'consent page');
  const back = must(http.post(link, { csrfmiddlewaretoken: ticketOf(consent), team_slug: person.team, allow: 'Authorize' }, post), 302, 'consent');
  const code = back.headers.Location.match(/[?&]code=([^&]*)/)[1];
  const body = { grant_type: 'authorization_code', code, redirect_uri: person.redirect_uri, code_verifier: verifier };
  return must(http.post(`${url}/o/token/`, body, paramsOf('setup', basic(person), readText)), 200, 'token').json('access_token');
}

// The sessions that are there, and some to change. A team without sessions needs a chatbot that EXPERIMENT names.
function teamOf(caller) {
  const answer = http.get(`${url}/api/sessions/?page_size=50`, paramsOf('setup', fieldsOf(caller), readText));
  const found = must(answer, 200, `the list of a ${caller.credential}'s team`).json('results');
  const experiments = [...new Set(found.map((session) => session.experiment.id))];
  if (__ENV.EXPERIMENT) experiments.push(__ENV.EXPERIMENT);
  if (experiments.length === 0) throw new Error('a team without sessions: name one of its chatbots in EXPERIMENT');
  const team = { experiments, own: [] };
  for (let i = 0; i < ownSessions; i += 1) team.own.push(must(create(caller, team, 'setup'), 201, 'the creation of a session').json('id'));
  team.sessions = [...found.map((session) => session.id), ...team.own];
  return team;
}

// Once: who calls, in which team, on what.
export function setup() {
  const data = { teams: [], callers: [], chats: [] };
  const add = (...callers) => {
    data.teams.push(teamOf(callers[0]));
    for (const caller of callers) data.callers.push({ ...caller, team: data.teams.length - 1 });
  };
  for (const secret of accounts.keys.slice(0, callersMax)) add({ credential: 'key', secret }, { credential: 'bearer', secret });
  accounts.machines.slice(0, callersMax).forEach((machine, client) => {
    add({ credential: 'machine', client, secret: must(grantToMachine(machine), 200, 'a grant').json('access_token') });
  });
  for (const person of accounts.people.slice(0, callersMax)) add({ credential: 'person', secret: signIn(person) });
  for (const channel of accounts.channels)
    for (let i = 0; i < ownSessions; i += 1) {
      const started = must(startChat(channel), 201, 'the start of a chat');
      data.chats.push({ id: started.json('session_id'), token: started.json('session_token') });
    }
  return data;
}

// --- The load ------------------------------------------------------------------------------------------------------------------------------

// k6 gives the latency of each operation only where a threshold asks for it: these are for the report.
const latency = Object.fromEntries(operations.map((name) => [name, new Trend(`latency_${name}`, true)]));
const used = Object.fromEntries(credentials.map(([, name]) => [name, new Counter(`used_${name}`)]));
const refused = new Counter('refused');

function ask(data, operation, credential) {
  if (operation in chatOperations) return chatOperations[operation](data);
  if (operation in oauthOperations) return oauthOperations[operation](data);
  const caller = any(data.callers.filter((one) => one.credential === credential));
  used[credential].add(1);
  return sessionOperations[operation](caller, data.teams[caller.team]);
}

// A refusal for want of room, which says when to come again.
function isRefusal(answer) {
  return (answer.status === 503 || answer.status === 429) && Number(answer.headers['Retry-After']) > 0;
}

function run(data, operation, credential) {
  const [answer, expected] = ask(data, operation, credential);
  latency[operation].add(answer.timings.duration);
  const mayRefuse = exec.scenario.name === 'spike';
  if (mayRefuse && isRefusal(answer)) refused.add(1);
  const isRight = answer.status === expected || (mayRefuse && isRefusal(answer));
  check(answer, { 'status as promised': () => isRight }, { operation });
  if (!isRight && __ENV.SHOW) console.error(`${operation} by ${credential || 'its own credential'}: ${answer.status} ${answer.error} ${answer.body}`);
}

export function call(data) {
  const operation = wanted || pick(mix, has);
  run(data, operation, wantedCredential || pick(credentials, has));
}

export function inTurn(data) {
  const all = combinations().filter(([operation, credential]) => (wanted === '' || operation === wanted) &&
    (wantedCredential === '' || credential === '' || credential === wantedCredential));
  const [operation, credential] = all[exec.scenario.iterationInTest % all.length];
  run(data, operation, credential);
}

export function handleSummary(data) {
  const values = (name) => (data.metrics[name] ? data.metrics[name].values : {});
  const lines = Object.keys(profiles[profile]).map((scenario) => {
    const duration = values(`http_req_duration{scenario:${scenario}}`);
    const quantiles = ['med', 'p(90)', 'p(99)', 'max'].map((name) => `${name} ${(duration[name] || 0).toFixed(1)}`);
    return `${scenario}: ${duration.count || 0} requests, ms: ${quantiles.join(', ')}`;
  });
  lines.push(`refused ${values('refused').count || 0}, not sent ${values('dropped_iterations').count || 0}`);
  for (const [name, metric] of Object.entries(data.metrics))
    for (const [threshold, result] of Object.entries(metric.thresholds || {})) lines.push(`${result.ok ? 'held  ' : 'MISSED'} ${name} ${threshold}`);
  const written = { stdout: lines.join('\n') + '\n' };
  if (__ENV.SUMMARY) written[__ENV.SUMMARY] = JSON.stringify({ profile, rate, shorten, ...data }, null, 1);
  return written;
}
