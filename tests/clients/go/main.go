// golang.org/x/oauth2 as confidential, public and machine client; the ID token is checked by the key set with the standard library.
package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

var (
	base   = os.Getenv("PARLEY_BASE")
	ctx    = context.Background()
	failed = false
)

func check(name string, isTrue bool, shown ...any) {
	if isTrue {
		fmt.Println("ok", name)
		return
	}
	failed = true
	fmt.Println("FAIL", name, fmt.Sprint(shown...))
}

// What must work for anything after it to make sense.
func must[T any](value T, err error) T {
	if err != nil {
		fmt.Println("FAIL", err)
		os.Exit(1)
	}
	return value
}

func refused(name, code string, err error) {
	refusal, isRefusal := err.(*oauth2.RetrieveError)
	check(name, isRefusal && refusal.ErrorCode == code, err)
}

func getJSON(client *http.Client, address string) map[string]any {
	answer := must(client.Get(address))
	defer answer.Body.Close()
	var document map[string]any
	must(0, json.NewDecoder(answer.Body).Decode(&document))
	return document
}

func status(token *oauth2.Token) int {
	client := oauth2.NewClient(ctx, oauth2.StaticTokenSource(token))
	answer := must(client.Get(base + "/api/sessions/"))
	answer.Body.Close()
	return answer.StatusCode
}

// The claims of an ID token, once its signature is that of a key of the set.
func verify(idToken string) map[string]any {
	parts := strings.Split(idToken, ".")
	var header struct{ Kid, Alg string }
	must(0, json.Unmarshal(must(base64.RawURLEncoding.DecodeString(parts[0])), &header))
	for _, one := range getJSON(http.DefaultClient, base+"/.well-known/jwks.json")["keys"].([]any) {
		key := one.(map[string]any)
		if key["kid"] != header.Kid || header.Alg != "RS256" {
			continue
		}
		modulus := new(big.Int).SetBytes(must(base64.RawURLEncoding.DecodeString(key["n"].(string))))
		exponent := new(big.Int).SetBytes(must(base64.RawURLEncoding.DecodeString(key["e"].(string))))
		digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		signature := must(base64.RawURLEncoding.DecodeString(parts[2]))
		err := rsa.VerifyPKCS1v15(&rsa.PublicKey{N: modulus, E: int(exponent.Int64())}, crypto.SHA256, digest[:], signature)
		check("the ID token is signed by a key of the set", err == nil, err)
		var claims map[string]any
		must(0, json.Unmarshal(must(base64.RawURLEncoding.DecodeString(parts[1])), &claims))
		return claims
	}
	check("the key set has the ID token's key", false, header)
	return nil
}

func post(path string, form url.Values, id, secret string) (int, string) {
	request := must(http.NewRequest("POST", base+path, bytes.NewBufferString(form.Encode())))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	answer := must(http.DefaultClient.Do(request))
	defer answer.Body.Close()
	return answer.StatusCode, string(must(io.ReadAll(answer.Body)))
}

func user(id, secret string, style oauth2.AuthStyle, team string) {
	config := oauth2.Config{
		ClientID: id, ClientSecret: secret, RedirectURL: "http://127.0.0.1:4713/callback",
		Scopes:   []string{"openid", "profile", "sessions:read"},
		Endpoint: oauth2.Endpoint{AuthURL: base + "/o/authorize/", TokenURL: base + "/o/token/", AuthStyle: style},
	}
	verifier := oauth2.GenerateVerifier()
	link := config.AuthCodeURL("a state & more", oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("nonce", "n-0"))
	answer := must(http.Post(os.Getenv("BROWSER_URL")+"?team="+team, "text/plain", strings.NewReader(link)))
	back := must(url.Parse(string(must(io.ReadAll(answer.Body)))))
	query := back.Query()
	check("state and issuer come back", query.Get("state") == "a state & more" && query.Get("iss") == base, back)
	token := must(config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(verifier)))
	claims := verify(token.Extra("id_token").(string))
	check("the ID token says what it must", claims["iss"] == base && claims["aud"] == id && claims["nonce"] == "n-0" &&
		claims["sub"] == "ada@clients.example" && claims["team"] == team, claims)
	info := getJSON(config.Client(ctx, token), base+"/o/userinfo/")
	check("userinfo says the same", info["sub"] == claims["sub"] && info["name"] == "Ada Lovelace", info)
	check("the token opens the API", status(token) == 200)

	stale := *token
	stale.Expiry = time.Now().Add(-time.Hour) // The library then refreshes by itself.
	again := must(config.TokenSource(ctx, &stale).Token())
	check("the old token is dead and the new one alive", status(token) == 401 && status(again) == 200)
	if secret != "" {
		code, body := post("/o/introspect/", url.Values{"token": {again.AccessToken}}, id, secret)
		check("introspection knows the token", code == 200 && strings.Contains(body, `"active":true`), body)
		code, _ = post("/o/revoke_token/", url.Values{"token": {again.AccessToken}}, id, secret)
		check("what was revoked opens nothing", code == 200 && status(again) == 401)
	}
	_, err := config.TokenSource(ctx, &stale).Token()
	refused("a used refresh token gives nothing", "invalid_grant", err)
	check("and takes its family along", status(again) == 401)
	_, err = config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(verifier))
	refused("a code is good for one use", "invalid_grant", err)
}

func machine(style oauth2.AuthStyle) {
	config := clientcredentials.Config{ClientID: "machine-client", ClientSecret: "secret-of-the+machine/client=",
		TokenURL: base + "/o/token/", Scopes: []string{"sessions:read", "sessions:write"}, AuthStyle: style}
	check("a machine gets a token", status(must(config.Token(ctx))) == 200)
	config.ClientSecret = "wrong"
	_, err := config.Token(ctx)
	refused("a wrong secret is refused", "invalid_client", err)
}

func main() {
	user("web-client", "secret-of-the-web-client", oauth2.AuthStyleInHeader, "blue")
	user("web-client", "secret-of-the-web-client", oauth2.AuthStyleInParams, "red")
	user("native-client", "", oauth2.AuthStyleInParams, "red")
	for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams, oauth2.AuthStyleAutoDetect} {
		machine(style)
	}
	if failed {
		os.Exit(1)
	}
}
