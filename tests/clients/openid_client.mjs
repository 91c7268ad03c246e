// openid-client (npm) as confidential, public and machine client.
import * as oidc from 'openid-client';

const base = process.env.PARLEY_BASE;
const back = 'http://127.0.0.1:4712/callback'; // Registered without a port: a loopback address may have any.
const scope = 'openid profile sessions:read sessions:write';

function check(name, isTrue, shown = '') {
  console.log(isTrue ? 'ok' : 'FAIL', name, isTrue ? '' : shown);
}

async function refused(name, error, act) {
  try {
    check(name, false, JSON.stringify(await act()));
  } catch (refusal) {
    // With a 401 it shows the challenge in place of the body.
    const said = refusal.error ?? refusal.cause?.[0]?.parameters?.error;
    check(name, said === error, refusal);
  }
}

async function discover(clientId, authentication) {
  for (const algorithm of ['oidc', 'oauth2']) { // OpenID Connect Discovery, and RFC 8414.
    const config = await oidc.discovery(new URL(base), clientId, undefined, authentication,
      { execute: [oidc.allowInsecureRequests], algorithm });
    check(`discovery (${algorithm}) names the issuer`, config.serverMetadata().issuer === base, config.serverMetadata().issuer);
    oidc.enableNonRepudiationChecks(config); // Signatures by the key set.
    if (algorithm === 'oauth2') return config;
  }
}

const status = async (tokens) => (await fetch(base + '/api/sessions/', { headers: { authorization: 'Bearer ' + tokens.access_token } })).status;

async function user(clientId, authentication, isConfidential, team) {
  const config = await discover(clientId, authentication);
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const expectedNonce = oidc.randomNonce();
  const link = oidc.buildAuthorizationUrl(config, {
    redirect_uri: back, scope, state: expectedState, nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256',
  });
  const answer = await (await fetch(process.env.BROWSER_URL + '?team=' + team, { method: 'POST', body: link.href })).text();
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  const tokens = await oidc.authorizationCodeGrant(config, new URL(answer), checks); // Checks iss, state, nonce, at_hash, signature.
  const claims = tokens.claims();
  check('the ID token says who and for which team', claims.sub === 'ada@clients.example' && claims.team === team, JSON.stringify(claims));
  check('auth_time is there', Number.isInteger(claims.auth_time));
  const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  check('userinfo says the same', info.name === 'Ada Lovelace' && info.team === team, JSON.stringify(info));
  check('the token opens the API', await status(tokens) === 200);
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  check('the old token is dead and the new one alive', await status(tokens) === 401 && await status(again) === 200);
  const less = await oidc.refreshTokenGrant(config, again.refresh_token, { scope: 'sessions:read' });
  check('a refresh may ask for less', less.scope === 'sessions:read', less.scope);
  await refused('and not for more', 'invalid_scope', () => oidc.refreshTokenGrant(config, less.refresh_token, { scope: 'usage:read' }));
  if (isConfidential) {
    const seen = await oidc.tokenIntrospection(config, less.access_token);
    check('introspection knows the token', seen.active && seen.client_id === clientId, JSON.stringify(seen));
  }
  await oidc.tokenRevocation(config, less.refresh_token);
  check('what was revoked opens nothing', await status(less) === 401);
  await refused('a used refresh token gives nothing', 'invalid_grant', () => oidc.refreshTokenGrant(config, tokens.refresh_token));
}

async function machine(authentication) {
  const config = await discover('machine-client', authentication);
  const tokens = await oidc.clientCredentialsGrant(config, { scope: 'sessions:read' });
  check('a machine gets a token', await status(tokens) === 200 && tokens.refresh_token === undefined);
  check('introspection knows it', (await oidc.tokenIntrospection(config, tokens.access_token)).active);
  await oidc.tokenRevocation(config, tokens.access_token);
  check('and knows that it is revoked', (await oidc.tokenIntrospection(config, tokens.access_token)).active === false);
}

const webSecret = 'secret-of-the-web-client';
const machineSecret = 'secret-of-the+machine/client=';
await user('web-client', oidc.ClientSecretBasic(webSecret), true, 'blue');
await user('web-client', oidc.ClientSecretPost(webSecret), true, 'red');
await user('native-client', oidc.None(), false, 'red');
await machine(oidc.ClientSecretBasic(machineSecret));
await machine(oidc.ClientSecretPost(machineSecret));
await refused('a wrong secret is refused', 'invalid_client', async () =>
  oidc.clientCredentialsGrant(await discover('machine-client', oidc.ClientSecretBasic('wrong')), { scope: 'sessions:read' }));
