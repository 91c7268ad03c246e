-- One replica at a time looks whether there is a key, and makes one.
lock table oauth_signing_key in share row exclusive mode
