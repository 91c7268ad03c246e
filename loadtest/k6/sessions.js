// Load for the sessions API, for k6: an open model (requests arrive whether or not earlier ones were answered) and the objectives as thresholds, so
// that k6's exit code is the verdict. run.sh starts it; by hand:
//
//   k6 run -e PROFILE=load -e PARLEY_URL=http://127.0.0.1:8080 -e PARLEY_KEYS=$PWD/keys sessions.js
//
//   PROFILE      smoke, load, stress, spike, soak, breakpoint
//   RATE         requests a second that the profile is built around (100)
//   OPERATION    one operation in place of the mix: session_retrieve, session_list, session_create, session_update_state, session_add_tags,
//                session_remove_tags, session_end_experiment_session
//   PARLEY_KEYS  file of API keys, one a line, of teams with sessions: parley load --synthetic ... --keys FILE
//   SUMMARY      file for k6's summary as JSON
import { check } from 'k6';
import http from 'k6/http';

const url = __ENV.PARLEY_URL || 'http://127.0.0.1:8080';
const rate = Number(__ENV.RATE || 100);
const keys = open(__ENV.PARLEY_KEYS || './keys').split('\n').filter((line) => line !== '');
const callersMax = 20;

// What people do in a day: most of it is reading.
const mix = [
  [55, 'session_retrieve'], [15, 'session_list'], [10, 'session_create'], [10, 'session_update_state'], [5, 'session_add_tags'],
  [3, 'session_remove_tags'], [2, 'session_end_experiment_session'],
];

function stage(seconds, target) {
  return { duration: `${seconds}s`, target: Math.max(1, Math.round(target)) };
}

function arrivals(stages) {
  return { executor: 'ramping-arrival-rate', startRate: 1, timeUnit: '1s', preAllocatedVUs: 50, maxVUs: 1000, stages };
}

export const profiles = {
  // Does it work at all?
  smoke: { executor: 'constant-arrival-rate', rate: 5, timeUnit: '1s', duration: '20s', preAllocatedVUs: 5, maxVUs: 20 },
  // The expected day.
  load: arrivals([stage(30, rate), stage(300, rate), stage(15, 1)]),
  // Twice of it, for long enough to fill what can fill.
  stress: arrivals([stage(60, rate), stage(120, 2 * rate), stage(300, 2 * rate), stage(30, 1)]),
  // Ten times of it from one second to the next, and whether it recovers.
  spike: arrivals([stage(30, rate / 2), stage(1, 10 * rate), stage(30, 10 * rate), stage(1, rate / 2), stage(60, rate / 2)]),
  // Half of it for two hours: what leaks shows.
  soak: arrivals([stage(60, rate / 2), stage(7200, rate / 2), stage(30, 1)]),
  // Up until an objective is missed: where that is, is the answer.
  breakpoint: arrivals([stage(1200, 50 * rate)]),
};

// In a spike callers may be refused, but none may wait for long; everywhere else the objectives hold.
function thresholdsOf(profile) {
  if (profile === 'spike') return { http_req_duration: ['p(99)<10000'], checks: ['rate>0.5'] };
  const abort = profile === 'breakpoint';
  const limit = (threshold) => (abort ? [{ threshold, abortOnFail: true, delayAbortEval: '10s' }] : [threshold]);
  return {
    checks: limit('rate>0.999'),
    http_req_failed: limit('rate<0.001'),
    http_req_duration: limit('p(99)<250'),
    dropped_iterations: limit('rate<1'),
  };
}

const profile = __ENV.PROFILE || 'smoke';
if (!(profile in profiles)) throw new Error(`no such profile: ${profile}; there are ${Object.keys(profiles).join(', ')}`);

export const options = {
  scenarios: { [profile]: { ...profiles[profile], exec: 'call' } },
  thresholds: thresholdsOf(profile),
  summaryTrendStats: ['avg', 'min', 'med', 'p(90)', 'p(99)', 'p(99.9)', 'max'],
};

function paramsOf(key, operation) {
  return { headers: { 'X-api-key': key, 'Content-Type': 'application/json' }, tags: { operation, name: operation }, timeout: '30s' };
}

// Once, before the load: whom to act for, and on what.
export function setup() {
  const callers = [];
  for (const key of keys.slice(0, callersMax)) {
    const answer = http.get(`${url}/api/sessions/?page_size=100`, paramsOf(key, 'setup'));
    if (answer.status !== 200) throw new Error(`a key is answered ${answer.status}`);
    const sessions = answer.json('results');
    if (sessions.length === 0) throw new Error('a team without sessions: use parley load --synthetic');
    callers.push({ key, sessions: sessions.map((session) => session.id), experiments: [...new Set(sessions.map((session) => session.experiment.id))] });
  }
  return { callers };
}

function any(list) {
  return list[Math.floor(Math.random() * list.length)];
}

function create(caller) {
  const number = Math.floor(Math.random() * 1000);
  const body = {
    experiment: any(caller.experiments),
    participant: `k6-${number}@example.org`,
    state: { step: number },
    messages: [{ role: 'user', content: 'Hello, how can I register?' }, { role: 'assistant', content: 'At any clinic, with an identity card.' }],
  };
  return http.post(`${url}/api/sessions/`, JSON.stringify(body), paramsOf(caller.key, 'session_create'));
}

// Each returns the answer and the status it has to have.
export const operations = {
  session_retrieve: (caller, path) => [http.get(path, paramsOf(caller.key, 'session_retrieve')), 200],
  session_list: (caller) => [http.get(`${url}/api/sessions/?page_size=25&ordering=-created_at`, paramsOf(caller.key, 'session_list')), 200],
  session_create: (caller) => [create(caller), 201],
  session_update_state: (caller, path) => {
    const state = { step: Math.floor(Math.random() * 1000), flags: ['a', 'b'] };
    return [http.patch(`${path}update_state/`, JSON.stringify({ state }), paramsOf(caller.key, 'session_update_state')), 200];
  },
  session_add_tags: (caller, path) => {
    const tags = [`k6-${Math.floor(Math.random() * 40)}`, 'k6'];
    return [http.post(`${path}tags/`, JSON.stringify({ tags }), paramsOf(caller.key, 'session_add_tags')), 200];
  },
  session_remove_tags: (caller, path) => [http.del(`${path}tags/`, JSON.stringify({ tags: ['k6'] }), paramsOf(caller.key, 'session_remove_tags')), 200],
  // A session can be ended once: of one that is made for it.
  session_end_experiment_session: (caller) => {
    const made = create(caller);
    if (made.status !== 201) return [made, 201];
    const path = `${url}/api/sessions/${made.json('id')}/end_experiment_session/`;
    return [http.post(path, null, paramsOf(caller.key, 'session_end_experiment_session')), 200];
  },
};

function pick() {
  if (__ENV.OPERATION) return __ENV.OPERATION;
  let dice = Math.random() * 100;
  for (const [share, operation] of mix) {
    if (dice < share) return operation;
    dice -= share;
  }
  return mix[0][1];
}

export function call(data) {
  const caller = any(data.callers);
  const operation = pick();
  const [answer, expected] = operations[operation](caller, `${url}/api/sessions/${any(caller.sessions)}/`);
  check(answer, { 'status as promised': (got) => got.status === expected }, { operation });
}

export default call;

export function handleSummary(data) {
  const values = (name) => (data.metrics[name] ? data.metrics[name].values : {});
  const duration = values('http_req_duration');
  const lines = [
    `${profile}: ${Math.round(values('http_reqs').rate || 0)} requests/s, ${values('http_reqs').count || 0} in all, ` +
      `failed ${((values('http_req_failed').rate || 0) * 100).toFixed(3)} %, dropped ${values('dropped_iterations').count || 0}`,
    `latency ms: median ${(duration.med || 0).toFixed(2)}, p90 ${(duration['p(90)'] || 0).toFixed(2)}, p99 ${(duration['p(99)'] || 0).toFixed(2)}, max ${(duration.max || 0).toFixed(2)}`,
  ];
  for (const [name, metric] of Object.entries(data.metrics))
    for (const [threshold, result] of Object.entries(metric.thresholds || {})) lines.push(`${result.ok ? 'held  ' : 'MISSED'} ${name} ${threshold}`);
  const written = { stdout: lines.join('\n') + '\n' };
  if (__ENV.SUMMARY) written[__ENV.SUMMARY] = JSON.stringify(data, null, 1);
  return written;
}
