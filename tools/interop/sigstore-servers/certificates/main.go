// A log of certificates in memory. The roots that it takes come as PEM on standard input, up to an empty line: whoever is to use the log
// may know its address before it knows its roots. The second line on standard output is the log's key.
package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/google/certificate-transparency-go/trillian/ctfe"
	"github.com/google/certificate-transparency-go/trillian/ctfe/configpb"
	"github.com/google/trillian"
	"github.com/google/trillian/crypto/keys"
	"github.com/google/trillian/crypto/keys/der"
	"github.com/google/trillian/crypto/keyspb"
	"github.com/google/trillian/monitoring"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/anypb"

	"sigstore-servers/local"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	local.Must(err)
	local.Listening(listener.Addr().String() + "/" + prefix)
	input := bufio.NewReader(os.Stdin)
	roots, err := readCertificates(input)
	local.Must(err)
	handlers, err := setUp(roots)
	local.Must(err)
	mux := http.NewServeMux()
	for path, handler := range handlers {
		mux.Handle(path, handler)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	local.Serve(func() error { return server.Serve(listener) }, input)
}

func readCertificates(input *bufio.Reader) (string, error) {
	var text strings.Builder
	for {
		line, err := input.ReadString('\n')
		if err != nil || strings.TrimSpace(line) == "" {
			return text.String(), err
		}
		text.WriteString(line)
	}
}

func setUp(roots string) (ctfe.PathHandlers, error) {
	treeID, trillianPort := local.StartTrillian()
	file, err := os.CreateTemp("", "roots")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	if _, err := file.WriteString(roots); err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	wrapped, err := anypb.New(&keyspb.PrivateKey{Der: private})
	if err != nil {
		return nil, err
	}
	keys.RegisterHandler(&keyspb.PrivateKey{}, der.FromProto)
	config, err := ctfe.ValidateLogConfig(&configpb.LogConfig{
		LogId: treeID, Prefix: prefix, RootsPemFile: []string{file.Name()}, PrivateKey: wrapped, PublicKey: &keyspb.PublicKey{Der: public},
	})
	if err != nil {
		return nil, err
	}
	connection, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", trillianPort), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	instance, err := ctfe.SetUpInstance(context.Background(), ctfe.InstanceOptions{
		Validated:     config,
		Client:        trillian.NewTrillianLogClient(connection),
		Deadline:      time.Minute,
		MetricFactory: monitoring.InertMetricFactory{},
		RequestLog:    new(ctfe.DefaultRequestLog),
	})
	if err != nil {
		return nil, err
	}
	fmt.Printf("key %x\n", public)
	return instance.Handlers, nil
}

const prefix = "certificates"
