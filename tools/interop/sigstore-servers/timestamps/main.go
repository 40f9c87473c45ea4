// A timestamp authority. The authority's own program listens on a second port too, which is always the same.
package main

import (
	"net"
	"os"
	"strconv"
	"time"

	"github.com/sigstore/timestamp-authority/v2/pkg/server"
	"github.com/spf13/viper"

	"sigstore-servers/local"
)

func main() {
	for key, value := range map[string]any{
		"timestamp-signer":      "memory",
		"timestamp-signer-hash": "sha256",
		"default-policy-oid":    policy,
		"accepted-policy-oids":  []string{policy},
		"max-request-body-size": 1 << 20,
	} {
		viper.Set(key, value)
	}
	authority := server.NewRestAPIServer("127.0.0.1", 0, []string{"http"}, false, time.Minute, time.Minute)
	local.Must(authority.Listen())
	local.Listening(net.JoinHostPort("127.0.0.1", strconv.Itoa(authority.Port)))
	local.Serve(authority.Serve, os.Stdin)
}

// policy is the one of Sigstore's authority.
const policy = "1.3.6.1.4.1.57264.2"
