// The far end of the ttRPC tests, in containerd's implementation: a server, and a client that says what it saw.
//
//	ttrpc-peer serve SOCKET   answer until standard input ends; prints "ready" when it listens
//	ttrpc-peer call SOCKET    run every scenario and print one line "name: outcome" for each
//
// The messages are the wrapper types of protobuf: one field, number 1.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	pb "google.golang.org/protobuf/types/known/wrapperspb"
)

const (
	echoService  = "interop.Echo"
	agentService = "attestation_agent.AttestationAgentService"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: ttrpc-peer serve|call SOCKET")
	}
	if os.Args[1] == "serve" {
		serve(os.Args[2])
	} else {
		call(os.Args[2])
	}
}

func serve(socket string) {
	server, err := ttrpc.NewServer()
	must(err)
	server.RegisterService(agentService, &ttrpc.ServiceDesc{Methods: map[string]ttrpc.Method{
		"GetTeeType": func(_ context.Context, _ func(any) error) (any, error) { return pb.String("sample"), nil },
	}})
	server.RegisterService(echoService, &ttrpc.ServiceDesc{
		Methods: map[string]ttrpc.Method{
			"Echo": func(_ context.Context, unmarshal func(any) error) (any, error) {
				var request pb.BytesValue
				return &request, unmarshal(&request)
			},
			"Double": func(_ context.Context, unmarshal func(any) error) (any, error) {
				var request pb.Int64Value
				err := unmarshal(&request)
				return pb.Int64(2 * request.Value), err
			},
			"Fail": func(_ context.Context, unmarshal func(any) error) (any, error) {
				var request pb.StringValue
				if err := unmarshal(&request); err != nil {
					return nil, err
				}
				failure, err := status.New(codes.PermissionDenied, request.Value).WithDetails(pb.String("detail"))
				must(err)
				return nil, failure.Err()
			},
			"Wait": func(ctx context.Context, unmarshal func(any) error) (any, error) {
				var request pb.StringValue
				_ = unmarshal(&request)
				<-ctx.Done()
				return nil, ctx.Err()
			},
			"Context": func(ctx context.Context, unmarshal func(any) error) (any, error) {
				var request pb.StringValue
				_ = unmarshal(&request)
				metadata, _ := ttrpc.GetMetadata(ctx)
				values, _ := metadata.Get(request.Value)
				_, limited := ctx.Deadline()
				return pb.String(fmt.Sprintf("%s limited=%v", strings.Join(values, ","), limited)), nil
			},
		},
		Streams: map[string]ttrpc.Stream{
			"Sum": {StreamingClient: true, Handler: func(_ context.Context, stream ttrpc.StreamServer) (any, error) {
				var sum int64
				for {
					var number pb.Int64Value
					if err := stream.RecvMsg(&number); errors.Is(err, io.EOF) {
						return pb.Int64(sum), nil
					} else if err != nil {
						return nil, err
					}
					sum += number.Value
				}
			}},
			"Count": {StreamingServer: true, Handler: func(_ context.Context, stream ttrpc.StreamServer) (any, error) {
				var limit pb.Int64Value
				if err := stream.RecvMsg(&limit); err != nil {
					return nil, err
				}
				for index := int64(0); index < limit.Value; index++ {
					if err := stream.SendMsg(pb.Int64(index)); err != nil {
						return nil, err
					}
				}
				return nil, nil
			}},
			"Broken": {StreamingServer: true, Handler: func(_ context.Context, stream ttrpc.StreamServer) (any, error) {
				if err := stream.SendMsg(pb.Int64(1)); err != nil {
					return nil, err
				}
				return nil, status.Error(codes.Aborted, "half way")
			}},
			"Both": {StreamingClient: true, StreamingServer: true, Handler: func(_ context.Context, stream ttrpc.StreamServer) (any, error) {
				for {
					var data pb.BytesValue
					if err := stream.RecvMsg(&data); errors.Is(err, io.EOF) {
						return nil, nil
					} else if err != nil {
						return nil, err
					}
					if err := stream.SendMsg(&data); err != nil {
						return nil, err
					}
				}
			}},
		},
	})
	listener, err := net.Listen("unix", socket)
	must(err)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	fmt.Println("ready")
	if err := server.Serve(context.Background(), listener); !errors.Is(err, ttrpc.ErrServerClosed) {
		must(err)
	}
}

func call(socket string) {
	connection, err := net.Dial("unix", socket)
	must(err)
	client := ttrpc.NewClient(connection)
	defer client.Close()
	background := context.Background()

	var tee pb.StringValue
	err = client.Call(background, agentService, "GetTeeType", pb.String(""), &tee)
	say("tee", tee.Value, err)

	for _, size := range []int{0, 5, 70_000, 4_000_000} {
		sent := bytes.Repeat([]byte{7}, size)
		var got pb.BytesValue
		err = client.Call(background, echoService, "Echo", pb.Bytes(sent), &got)
		say(fmt.Sprintf("echo %d", size), bytes.Equal(got.Value, sent), err)
	}

	var number pb.Int64Value
	err = client.Call(background, echoService, "Double", pb.Int64(-21), &number)
	say("double", number.Value, err)

	var none pb.StringValue
	err = client.Call(background, echoService, "Fail", pb.String("not you"), &none)
	say("fail", "", err)
	for _, detail := range status.Convert(err).Details() {
		say("detail", detail.(*pb.StringValue).Value, nil)
	}
	err = client.Call(background, echoService, "None", pb.String(""), &none)
	say("unknown method", status.Code(err) == codes.Unimplemented, nil)
	err = client.Call(background, "interop.None", "None", pb.String(""), &none)
	say("unknown service", err != nil, nil)

	metadata := ttrpc.MD{"k": []string{"1", "2"}, "other": []string{"x"}}
	var text pb.StringValue
	err = client.Call(ttrpc.WithMetadata(background, metadata), echoService, "Context", pb.String("k"), &text)
	say("metadata", text.Value, err)
	limited, cancel := context.WithTimeout(background, time.Minute)
	err = client.Call(limited, echoService, "Context", pb.String("k"), &text)
	say("timeout", text.Value, err)
	cancel()

	short, cancel := context.WithTimeout(background, 50*time.Millisecond)
	err = client.Call(short, echoService, "Wait", pb.String(""), &none)
	late := errors.Is(err, context.DeadlineExceeded) || status.Code(err) == codes.DeadlineExceeded
	say("deadline", late, nil)
	cancel()
	given, cancel := context.WithCancel(background)
	cancel()
	err = client.Call(given, echoService, "Wait", pb.String(""), &none)
	say("cancelled", errors.Is(err, context.Canceled), nil)

	var group sync.WaitGroup
	var sum atomic.Int64
	for index := int64(0); index < 200; index++ {
		group.Add(1)
		go func() {
			defer group.Done()
			var number pb.Int64Value
			if err := client.Call(background, echoService, "Double", pb.Int64(index), &number); err == nil {
				sum.Add(number.Value)
			}
		}()
	}
	group.Wait()
	say("at once", sum.Load(), nil)

	stream, err := client.NewStream(background, &ttrpc.StreamDesc{StreamingClient: true}, echoService, "Sum", nil)
	must(err)
	for index := int64(0); index <= 1000; index++ {
		must(stream.SendMsg(pb.Int64(index)))
	}
	must(stream.CloseSend())
	err = stream.RecvMsg(&number)
	say("sum", number.Value, err)

	stream, err = client.NewStream(background, &ttrpc.StreamDesc{StreamingServer: true}, echoService, "Count", pb.Int64(1000))
	must(err)
	total, err := receiveNumbers(stream)
	say("count", total, err)

	stream, err = client.NewStream(background, &ttrpc.StreamDesc{StreamingServer: true}, echoService, "Broken", pb.Int64(0))
	must(err)
	total, err = receiveNumbers(stream)
	say("broken", total, err)

	stream, err = client.NewStream(background, &ttrpc.StreamDesc{StreamingClient: true, StreamingServer: true}, echoService, "Both", nil)
	must(err)
	go func() {
		for index := 0; index < 300; index++ {
			must(stream.SendMsg(pb.Bytes(make([]byte, 10_000))))
		}
		must(stream.CloseSend())
	}()
	length := 0
	for {
		var data pb.BytesValue
		if err = stream.RecvMsg(&data); err != nil {
			break
		}
		length += len(data.Value)
	}
	say("both", length, eof(err))
}

func receiveNumbers(stream ttrpc.ClientStream) (int64, error) {
	var total int64
	for {
		var number pb.Int64Value
		if err := stream.RecvMsg(&number); err != nil {
			return total, eof(err)
		}
		total += number.Value
	}
}

func eof(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func say(name string, outcome any, err error) {
	if err != nil {
		failure := status.Convert(err)
		fmt.Printf("%s: %v error %d %s\n", name, outcome, failure.Code(), failure.Message())
		return
	}
	fmt.Printf("%s: %v\n", name, outcome)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
