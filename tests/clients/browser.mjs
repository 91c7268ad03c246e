// A real Chromium: signs in, picks a team, consents, refuses, signs out; by mouse, by keyboard alone and without script. Each page is held against
// axe-core, must fit a narrow screen, and leaves a screenshot. browser.mjs CHROMIUM FOLDER
import { chromium } from 'playwright-core';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';

const [executablePath, folder] = process.argv.slice(2);
const base = process.env.PARLEY_BASE;
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
fs.mkdirSync(folder, { recursive: true });

function check(name, isTrue, shown = '') {
  console.log(isTrue ? 'ok' : 'FAIL', name, isTrue ? '' : shown);
}

// The application: keeps what it is sent back with.
let answered = null;
const application = http.createServer((request, response) => {
  if (request.url.startsWith('/callback')) answered = new URL(request.url, 'http://127.0.0.1').searchParams;
  response.setHeader('Content-Type', 'text/html');
  response.end('<!doctype html><html lang="en"><title>Application</title><h1>Back</h1>');
});
await new Promise((done) => application.listen(0, '127.0.0.1', done));
const back = `http://127.0.0.1:${application.address().port}/callback`;

const verifier = crypto.randomBytes(32).toString('base64url');
const challenge = crypto.createHash('sha256').update(verifier).digest('base64url');
function link(client, more = {}) {
  const url = new URL(base + '/o/authorize/');
  const parameters = {
    response_type: 'code', client_id: client, redirect_uri: back, scope: 'openid sessions:read', state: 'a & b',
    code_challenge: challenge, code_challenge_method: 'S256', ...more,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

async function teamOf(code) {
  const form = { grant_type: 'authorization_code', code, redirect_uri: back, client_id: 'web-client', client_secret: 'secret-of-the-web-client', code_verifier: verifier };
  const tokens = await (await fetch(base + '/o/token/', { method: 'POST', body: new URLSearchParams(form) })).json();
  const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url'));
  return claims.team;
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const complaints = [];
async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15000);
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => { if (!request.url().startsWith(base) && !request.url().startsWith(back) && !request.url().endsWith('/favicon.ico')) complaints.push('asks ' + request.url()); });
  return { context, page };
}

async function inspect(page, name) {
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  await page.evaluate(axe + ';0');
  const result = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  check(`${name}: axe finds nothing`, result.violations.length === 0 && result.passes.length > 5, result.violations.map((one) => one.id).join(' '));
  await page.setViewportSize({ width: 320, height: 640 });
  const spill = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  check(`${name}: fits a narrow screen`, spill <= 0, spill);
  await page.setViewportSize({ width: 390, height: 800 });
}

async function backAtApplication(page, act) {
  answered = null;
  await act();
  await page.waitForURL((url) => url.href.startsWith(back));
  return answered;
}

const name = 'ada@clients.example';
const password = 'password-of-ada';
const { context, page } = await open();

await page.goto(link('web-client'));
check('who is not signed in comes to the login page', new URL(page.url()).pathname === '/accounts/login/', page.url());
await inspect(page, 'login');
await page.fill('#login', name);
await page.fill('#password', 'wrong');
await page.click('button');
check('a wrong password is said', (await page.textContent('[role=alert]')).length > 10);
await inspect(page, 'login-wrong');
const before = (await context.cookies()).find((one) => one.name === 'csrftoken').value;
await page.fill('#login', name);
await page.fill('#password', password);
await page.click('button');
await page.waitForURL((url) => url.pathname === '/o/authorize/');
const cookies = Object.fromEntries((await context.cookies()).map((one) => [one.name, one]));
check('the session cookie is for the server only', cookies.sessionid.httpOnly && cookies.sessionid.sameSite === 'Lax', JSON.stringify(cookies.sessionid));
check('the CSRF token is renewed', cookies.csrftoken.value !== before);
check('the page names the application', (await page.textContent('main')).includes('Help Desk'));
await inspect(page, 'consent');
await page.selectOption('#team', 'blue');
const allowed = await backAtApplication(page, () => page.click('button[name=allow]'));
check('the application gets a code and its state', allowed.get('code') && allowed.get('state') === 'a & b' && allowed.get('iss') === base, allowed);
check('for the team that was picked', await teamOf(allowed.get('code')) === 'blue');

await page.goto(link('web-client'));
const refused = await backAtApplication(page, () => page.click('button:not([name])'));
check('a refusal is told to the application', refused.get('error') === 'access_denied' && !refused.has('code') && refused.get('state') === 'a & b', refused);
const silent = await backAtApplication(page, () => page.goto(link('web-client', { prompt: 'none', team: 'blue' })));
check('prompt=none shows no page', silent.get('code') && await teamOf(silent.get('code')) === 'blue', silent);
await page.goto(link('native-client'));
check('a pinned application leaves no choice of team', await page.locator('select').count() === 0);
await inspect(page, 'consent-pinned');
const pinned = await backAtApplication(page, () => page.click('button[name=allow]'));
check('and its user consents all the same', Boolean(pinned.get('code')), pinned);
await page.goto(link('nobody'));
check('an unknown application is a page', page.url().startsWith(base) && await page.title() === 'This link does not work - Parley', await page.title());
await inspect(page, 'error');
complaints.splice(0, complaints.length, ...complaints.filter((one) => !one.includes('status of 400'))); // Chromium logs every 400.
await page.goto(base + '/accounts/login/');
await inspect(page, 'signed-in');
await page.click('button');
check('signing out is said', await page.title() === 'Signed out - Parley', await page.title());
await inspect(page, 'signed-out');
check('and the cookie is gone', !(await context.cookies()).some((one) => one.name === 'sessionid'));
await context.close();

// By keyboard alone, in the dark.
const dark = await open({ colorScheme: 'dark' });
await dark.page.goto(link('web-client'));
await inspect(dark.page, 'login-dark');
async function tabTo(page, selector) {
  for (let i = 0; i < 20; ++i) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return true;
  }
  return false;
}
check('the keyboard reaches the name', await tabTo(dark.page, '#login'));
await dark.page.keyboard.type(name);
check('and the password', await tabTo(dark.page, '#password'));
check('focus is visible', await dark.page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== 'none'));
await dark.page.keyboard.type(password);
await dark.page.keyboard.press('Enter');
await dark.page.waitForURL((url) => url.pathname === '/o/authorize/');
await inspect(dark.page, 'consent-dark');
await dark.page.selectOption('#team', 'blue');
check('the keyboard reaches the team', await tabTo(dark.page, '#team'));
check('and the button', await tabTo(dark.page, 'button[name=allow]'));
const typed = await backAtApplication(dark.page, () => dark.page.keyboard.press('Enter'));
check('the keyboard is enough', Boolean(typed.get('code')), typed);
// With consent given before, the login leads straight on to the application: the login page's policy must let it.
await dark.context.clearCookies();
await dark.page.goto(link('web-client', { approval_prompt: 'auto', team: 'blue' }));
await dark.page.fill('#login', name);
await dark.page.fill('#password', password);
const straight = await backAtApplication(dark.page, () => dark.page.keyboard.press('Enter'));
check('a login may lead straight to the application', Boolean(straight.get('code')), straight);
await dark.context.close();

// Without script.
const plain = await open({ javaScriptEnabled: false });
await plain.page.goto(link('web-client'));
await plain.page.fill('#login', name);
await plain.page.fill('#password', password);
await plain.page.click('button');
const noScript = await backAtApplication(plain.page, () => plain.page.click('button[name=allow]'));
check('no script is needed', Boolean(noScript.get('code')), noScript);
await plain.context.close();

// Another site cannot show a page of ours in a frame, nor post its forms.
const evil = await open();
await evil.page.goto(back + '?evil');
const framed = await evil.page.evaluate((address) => new Promise((done) => {
  const frame = document.createElement('iframe');
  frame.src = address;
  frame.onload = () => { try { done(frame.contentDocument ? 'open' : 'closed'); } catch { done('closed'); } };
  document.body.append(frame);
}), base + '/accounts/login/');
const inside = evil.page.frames().find((frame) => frame !== evil.page.mainFrame());
check('a frame shows nothing', framed === 'closed' && (inside === undefined || !inside.url().startsWith(base)), framed + ' ' + (inside && inside.url()));
complaints.splice(0, complaints.length, ...complaints.filter((one) => !/frame/i.test(one)));
await evil.page.setContent(`<form method="post" action="${base}/accounts/login/"><input name="login" value="${name}"><input name="password" value="${password}"><button>Go</button></form>`);
await evil.page.click('button');
await evil.page.waitForURL(base + '/accounts/login/');
check('a form of another site signs nobody in', !(await evil.context.cookies()).some((one) => one.name === 'sessionid'));
await evil.context.close();
complaints.splice(0, complaints.length, ...complaints.filter((one) => !one.includes('status of 403')));

check('Chromium complains of nothing', complaints.length === 0, complaints.join(' | '));
await browser.close();
application.close();
