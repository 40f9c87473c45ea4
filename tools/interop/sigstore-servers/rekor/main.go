// Rekor v1: entries, search index and attestations over a log in memory.
package main

import (
	"net"
	"os"
	"strconv"

	"github.com/alicebob/miniredis/v2"
	"github.com/go-openapi/loads"
	"github.com/sigstore/rekor/pkg/api"
	"github.com/sigstore/rekor/pkg/generated/restapi"
	"github.com/sigstore/rekor/pkg/generated/restapi/operations"
	"github.com/sigstore/rekor/pkg/types"
	"github.com/sigstore/rekor/pkg/types/dsse"
	_ "github.com/sigstore/rekor/pkg/types/dsse/v0.0.1"
	"github.com/sigstore/rekor/pkg/types/hashedrekord"
	_ "github.com/sigstore/rekor/pkg/types/hashedrekord/v0.0.1"
	"github.com/sigstore/rekor/pkg/types/intoto"
	_ "github.com/sigstore/rekor/pkg/types/intoto/v0.0.1"
	_ "github.com/sigstore/rekor/pkg/types/intoto/v0.0.2"
	"github.com/spf13/viper"

	"sigstore-servers/local"
)

func main() {
	treeID, trillianPort := local.StartTrillian()
	redis := miniredis.NewMiniRedis() // for the search index
	local.Must(redis.StartAddr("127.0.0.1:0"))
	for key, value := range map[string]any{
		"trillian_log_server.address":   "127.0.0.1",
		"trillian_log_server.port":      trillianPort,
		"redis_server.address":          redis.Host(),
		"redis_server.port":             redis.Port(),
		"search_index.storage_provider": "redis",
		"enable_attestation_storage":    true,
		"attestation_storage_bucket":    "mem://",
		"max_attestation_size":          1 << 20,
		"max_request_body_size":         4 << 20,
		"rekor_server.signer":           "memory",
		"rekor_server.hostname":         "rekor.test",
		"enabled_api_endpoints": []string{
			"searchIndex", "getLogInfo", "getPublicKey", "getLogProof", "createLogEntry", "getLogEntryByIndex",
			"getLogEntryByUUID", "searchLogQuery",
		},
	} {
		viper.Set(key, value)
	}
	types.SetAllowedKindsForSubmission([]string{dsse.KIND, hashedrekord.KIND, intoto.KIND})
	document, err := loads.Embedded(restapi.SwaggerJSON, restapi.FlatSwaggerJSON)
	local.Must(err)
	rekor := restapi.NewServer(operations.NewRekorServerAPI(document))
	rekor.Host, rekor.Port, rekor.EnabledListeners = "127.0.0.1", 0, []string{"http"}
	api.ConfigureAPI(treeID)
	rekor.ConfigureAPI()
	local.Must(rekor.Listen())
	local.Listening(net.JoinHostPort("127.0.0.1", strconv.Itoa(rekor.Port)))
	local.Serve(rekor.Serve, os.Stdin)
}
