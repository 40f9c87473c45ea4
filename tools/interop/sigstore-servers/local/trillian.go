// Package local is what the servers of a Sigstore instance have in common. Each is its own HTTP interface in one process, its keys and
// trees new at each start. The first line on standard output says where it listens; it ends with its standard input.
package local

import (
	"context"
	"net"
	"sync"
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
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// StartTrillian gives the tree and the port of a log in memory.
func StartTrillian() (int64, int) {
	ctx := context.Background()
	trees, metrics := memory.NewTreeStorage(), monitoring.InertMetricFactory{}
	registry := extension.Registry{
		AdminStorage:    memory.NewAdminStorage(trees),
		LogStorage:      memory.NewLogStorage(trees, metrics),
		ElectionFactory: election2.NoopFactory{},
		QuotaManager:    quota.Noop(),
		MetricFactory:   metrics,
	}
	logs := &onceOnly{TrillianLogRPCServer: server.NewTrillianLogRPCServer(registry, clock.System), queued: map[string]*trillian.LogLeaf{}}
	admins := admin.New(registry, nil)
	tree, err := admins.CreateTree(ctx, &trillian.CreateTreeRequest{Tree: &trillian.Tree{
		TreeState: trillian.TreeState_ACTIVE, TreeType: trillian.TreeType_LOG, MaxRootDuration: durationpb.New(time.Hour),
	}})
	Must(err)
	_, err = logs.InitLog(ctx, &trillian.InitLogRequest{LogId: tree.TreeId})
	Must(err)
	operations := sequencer.NewOperationManager(sequencer.OperationInfo{
		Registry: registry, BatchSize: 100, NumWorkers: 1, RunInterval: 20 * time.Millisecond, TimeSource: clock.System,
		ElectionConfig: election.RunnerConfig{TimeSource: clock.System, MasterHoldInterval: time.Hour},
	}, sequencer.NewSequencerManager(registry, 0))
	go operations.OperationLoop(ctx)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	Must(err)
	rpc := grpc.NewServer()
	trillian.RegisterTrillianLogServer(rpc, logs)
	trillian.RegisterTrillianAdminServer(rpc, admins)
	go func() { Must(rpc.Serve(listener)) }()
	return tree.TreeId, listener.Addr().(*net.TCPAddr).Port
}

// onceOnly answers as a log over a database does: what was queued before is not queued again. A log in memory does not look.
type onceOnly struct {
	*server.TrillianLogRPCServer
	lock   sync.Mutex
	queued map[string]*trillian.LogLeaf
}

func (log *onceOnly) QueueLeaf(ctx context.Context, request *trillian.QueueLeafRequest) (*trillian.QueueLeafResponse, error) {
	log.lock.Lock()
	defer log.lock.Unlock()
	name := string(request.GetLeaf().GetLeafIdentityHash())
	if name == "" {
		name = string(request.GetLeaf().GetLeafValue())
	}
	if leaf, found := log.queued[name]; found {
		exists := status.New(codes.AlreadyExists, "queued before").Proto()
		return &trillian.QueueLeafResponse{QueuedLeaf: &trillian.QueuedLogLeaf{Leaf: leaf, Status: exists}}, nil
	}
	response, err := log.TrillianLogRPCServer.QueueLeaf(ctx, request)
	if err == nil {
		log.queued[name] = response.QueuedLeaf.Leaf
	}
	return response, err
}
