#!/bin/sh
# Makes accounts of every kind for parley.js in teams that are there, and prints them as JSON: a machine, a person who signs in, and a widget's channel
# in each team, besides the API keys of a file.
#
#   loadtest/k6/accounts.sh KEYS-FILE TEAM... >accounts.json
#
# PARLEY is the administrator's command, with its database in the environment (PARLEY_DATABASE_URL or PARLEY_DATA_DIR). A person is whoever is the first
# member of the team and gets a new password: meant for teams that are made up, not for those of people.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
parley=${PARLEY:-$here/../../build/release/parley}
keys=${1:?"KEYS-FILE is missing"}
shift

# A text member of a flat JSON object.
member() { sed -n 's/.*"'"$1"'": *"\([^"]*\)".*/\1/p'; }
# Lines, with commas between them.
list() { sed '$!s/$/,/'; }

redirect=http://127.0.0.1/k6
origin=widget.example
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for team in "$@"; do
    machine=$("$parley" application create --name "k6 machine of $team" --grant client-credentials --team "$team" --scope sessions:read \
        --scope sessions:write --json)
    printf '{"id": "%s", "secret": "%s"}\n' "$(echo "$machine" | member client_id)" "$(echo "$machine" | member client_secret)" >>"$folder/machines"

    email=$("$parley" member list "$team" --json | tr '}' '\n' | member email | head -n 1)
    password=$(od -An -N 12 -t x1 /dev/urandom | tr -d ' \n')
    printf '%s\n' "$password" | "$parley" user password "$email" --password-file - >/dev/null
    site=$("$parley" application create --name "k6 site of $team" --grant authorization-code --redirect-uri "$redirect" --scope openid \
        --scope sessions:read --scope sessions:write --json)
    printf '{"id": "%s", "secret": "%s", "redirect_uri": "%s", "email": "%s", "password": "%s", "team": "%s"}\n' "$(echo "$site" | member client_id)" \
        "$(echo "$site" | member client_secret)" "$redirect" "$email" "$password" "$team" >>"$folder/people"

    chatbot=$("$parley" experiment list --team "$team" --json | tr '}' '\n' | member id | head -n 1)
    key=$("$parley" channel create --chatbot "$chatbot" --name "k6 widget of $team" --origin "$origin")
    printf '{"key": "%s", "chatbot": "%s", "origin": "https://%s"}\n' "$key" "$chatbot" "$origin" >>"$folder/channels"
done
printf '{"keys": [\n'
sed '/^$/d; s/.*/"&"/' "$keys" | list
for kind in machines people channels; do
    printf '],\n"%s": [\n' "$kind"
    [ ! -e "$folder/$kind" ] || list <"$folder/$kind"
done
printf ']}\n'
