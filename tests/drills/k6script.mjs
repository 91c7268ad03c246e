// Reads loadtest/k6/sessions.js with stand-ins for k6's modules and runs every operation against a service: node k6script.mjs URL KEYS-FILE.
// k6 calls block, so the stand-in asks through curl. This tells whether the script's requests are right, not how k6 itself runs it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [url, keysFile] = process.argv.slice(2);
const failures = [];
let checks = 0;

function ask(method, target, body, params) {
  const fields = Object.entries(params.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const data = body == null ? [] : ['--data-binary', body];
  const out = execFileSync('curl', ['-s', '-m', '20', '-X', method, '-w', '\n%{http_code}', ...fields, ...data, target], { encoding: 'utf8' });
  const end = out.lastIndexOf('\n');
  const text = out.slice(0, end);
  return { status: Number(out.slice(end + 1)), body: text, json: (name) => JSON.parse(text)[name] };
}

globalThis.http = {
  get: (target, params) => ask('GET', target, null, params),
  post: (target, body, params) => ask('POST', target, body, params),
  patch: (target, body, params) => ask('PATCH', target, body, params),
  del: (target, body, params) => ask('DELETE', target, body, params),
};
globalThis.check = (answer, conditions, tags) => {
  for (const [name, holds] of Object.entries(conditions)) {
    checks += 1;
    if (!holds(answer)) failures.push(`${tags.operation}: ${name}: ${answer.status} ${answer.body.slice(0, 200)}`);
  }
};
globalThis.open = (path) => readFileSync(path, 'utf8');
const environment = (profile) => ({ PROFILE: profile, PARLEY_URL: url, PARLEY_KEYS: keysFile });

const text = readFileSync(new URL('../../loadtest/k6/sessions.js', import.meta.url), 'utf8').replace(/^import .* from 'k6.*';$/gm, '');

// The module is read anew for each profile, as k6 does.
async function read(profile) {
  globalThis.__ENV = environment(profile);
  return import(`data:text/javascript,${encodeURIComponent(`${text}\n// ${profile}`)}`);
}

const names = Object.keys((await read('smoke')).profiles);
for (const name of names) {
  const script = await read(name);
  const scenario = script.options.scenarios[name];
  if (!scenario || typeof script[scenario.exec] !== 'function') failures.push(`${name}: no such function`);
  if (Object.keys(script.options.thresholds).length === 0) failures.push(`${name}: no thresholds`);
}

const script = await read('load');
const data = script.setup();
for (const operation of Object.keys(script.operations)) {
  for (let i = 0; i < 3; i += 1) {
    globalThis.__ENV.OPERATION = operation;
    script.call(data);
  }
}
globalThis.__ENV.OPERATION = '';
for (let i = 0; i < 30; i += 1) script.call(data);

for (const failure of failures) console.error(failure);
console.log(`${names.length} profiles, ${Object.keys(script.operations).length} operations, ${checks} checks, ${failures.length} failures`);
process.exit(failures.length === 0 && checks > 0 ? 0 : 1);
