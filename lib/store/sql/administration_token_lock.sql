-- Whoever redeems a code or uses a refresh token meanwhile is waited for, and nobody does until the transaction ends: what they were given is then
-- seen and dies too. In the order in which they take their rows. Reading goes on, and so do machines' tokens.
lock table oauth_grant, oauth_refresh_token in exclusive mode
