// The logs of a Sigstore instance, each in one process: their own HTTP interfaces over a Trillian log in memory, with a key and a tree
// that are new at each start.
//
//	logs rekor          Rekor v1: entries, search index, attestations
//	logs certificates   a log of certificates; the roots that it takes come as PEM on standard input, up to an empty line
//
// The first line on standard output says where the log listens; of a log of certificates the second one is its key. It ends with its
// standard input.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"time"

	"github.com/google/trillian"
	"github.com/google/trillian/extension"
	sequencer "github.com/google/trillian/log"
	"github.com/google/trillian/monitoring"
	"github.com/google/trillian/quota"
	"github.com/google/trillian/server"
	"github.com/google/trillian/server/admin"
	"github.com/google/trillian/storage/memory"
	"github.com/google/trillian/util/clock"
	"github.com/google/trillian/util/election"
	"github.com/google/trillian/util/election2"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
)

func main() {
	input := bufio.NewReader(os.Stdin)
	treeID, port := startTrillian()
	if len(os.Args) == 2 && os.Args[1] == "certificates" {
		must(serveCertificates(treeID, port, input))
	} else {
		must(serveRekor(treeID, port))
	}
	_, err := io.Copy(io.Discard, input)
	must(err)
}

func listening(address string) {
	fmt.Println("listening on http://" + address)
}

// startTrillian gives the tree and the port of a log in memory.
func startTrillian() (int64, int) {
	ctx := context.Background()
	trees, metrics := memory.NewTreeStorage(), monitoring.InertMetricFactory{}
	registry := extension.Registry{
		AdminStorage:    memory.NewAdminStorage(trees),
		LogStorage:      memory.NewLogStorage(trees, metrics),
		ElectionFactory: election2.NoopFactory{},
		QuotaManager:    quota.Noop(),
		MetricFactory:   metrics,
	}
	logs, admins := server.NewTrillianLogRPCServer(registry, clock.System), admin.New(registry, nil)
	tree, err := admins.CreateTree(ctx, &trillian.CreateTreeRequest{Tree: &trillian.Tree{
		TreeState: trillian.TreeState_ACTIVE, TreeType: trillian.TreeType_LOG, MaxRootDuration: durationpb.New(time.Hour),
	}})
	must(err)
	_, err = logs.InitLog(ctx, &trillian.InitLogRequest{LogId: tree.TreeId})
	must(err)
	operations := sequencer.NewOperationManager(sequencer.OperationInfo{
		Registry: registry, BatchSize: 100, NumWorkers: 1, RunInterval: 20 * time.Millisecond, TimeSource: clock.System,
		ElectionConfig: election.RunnerConfig{TimeSource: clock.System, MasterHoldInterval: time.Hour},
	}, sequencer.NewSequencerManager(registry, 0))
	go operations.OperationLoop(ctx)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	rpc := grpc.NewServer()
	trillian.RegisterTrillianLogServer(rpc, logs)
	trillian.RegisterTrillianAdminServer(rpc, admins)
	go func() { must(rpc.Serve(listener)) }()
	return tree.TreeId, listener.Addr().(*net.TCPAddr).Port
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
