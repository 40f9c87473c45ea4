package main

import (
	"net"
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
)

// serveRekor starts Rekor v1, its search index in a Redis of this process.
func serveRekor(treeID int64, trillianPort int) error {
	redis := miniredis.NewMiniRedis()
	if err := redis.StartAddr("127.0.0.1:0"); err != nil {
		return err
	}
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
	if err != nil {
		return err
	}
	rekor := restapi.NewServer(operations.NewRekorServerAPI(document))
	rekor.Host, rekor.Port, rekor.EnabledListeners = "127.0.0.1", 0, []string{"http"}
	api.ConfigureAPI(treeID)
	rekor.ConfigureAPI()
	if err := rekor.Listen(); err != nil {
		return err
	}
	listening(net.JoinHostPort("127.0.0.1", strconv.Itoa(rekor.Port)))
	go func() { must(rekor.Serve()) }()
	return nil
}
