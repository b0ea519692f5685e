package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/protocol/autonatv2"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/multiformats/go-multiaddr"
)

const (
	echoID = "/test/echo/1.0.0"
	// How often it is looked whether identify told what the relay speaks.
	pollEvery = 50 * time.Millisecond
)

func say(line map[string]any) {
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
}

// What others ask of our AutoNAT v2 server, and what came of it.
type asked struct{}

func (asked) CompletedRequest(done autonatv2.EventDialRequestCompleted) {
	say(map[string]any{"asked": done.ResponseStatus.String(), "dialled": done.DialStatus.String()})
}

func (asked) ClientCompletedRequest([]autonatv2.Request, autonatv2.Result, error) {}

func newReachHost(listen libp2p.Option) (host.Host, error) {
	return libp2p.New(
		listen,
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.Security(noise.ID, noise.New),
		libp2p.EnableRelay(),
		libp2p.DisableMetrics(),
		libp2p.ResourceManager(&network.NullResourceManager{}),
	)
}

// Whether the node can be dialled there, as an AutoNAT v2 server says that it is connected to.
func reachability(ctx context.Context, auto *autonatv2.AutoNAT, address multiaddr.Multiaddr) (network.Reachability, error) {
	requests := []autonatv2.Request{{Addr: address, SendDialData: true}}
	for {
		result, err := auto.GetReachability(ctx, requests)
		if !errors.Is(err, autonatv2.ErrNoPeers) {
			return result.Reachability, err
		}
		select {
		case <-ctx.Done():
			return network.ReachabilityUnknown, ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}

// A peer that asks the relay whether it can be dialled at its outside address, takes a place there, and echoes what comes over circuits. It says
// what it was told, one JSON object a line.
func reach(relay, listen, outside string) error {
	address, err := multiaddr.NewMultiaddr(outside)
	if err != nil {
		return err
	}
	node, err := newReachHost(libp2p.ListenAddrStrings(listen))
	if err != nil {
		return err
	}
	defer node.Close()
	node.SetStreamHandler(echoID, func(stream network.Stream) {
		say(map[string]any{"limited": stream.Conn().Stat().Limited})
		_, _ = io.Copy(stream, stream)
		_ = stream.Close()
	})
	dialer, err := newReachHost(libp2p.NoListenAddrs)
	if err != nil {
		return err
	}
	defer dialer.Close()
	auto, err := autonatv2.New(dialer, autonatv2.WithMetricsTracer(asked{}))
	if err != nil {
		return err
	}
	if err := auto.Start(node); err != nil {
		return err
	}
	defer auto.Close()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	info, err := peer.AddrInfoFromString(relay)
	if err != nil {
		return err
	}
	if err := node.Connect(ctx, *info); err != nil {
		return err
	}
	found, err := reachability(ctx, auto, address)
	if err != nil {
		return err
	}
	say(map[string]any{"reachability": found.String()})
	place, err := client.Reserve(ctx, node, *info)
	if err != nil {
		return err
	}
	say(map[string]any{
		"circuit": fmt.Sprintf("%s/p2p-circuit/p2p/%s", relay, node.ID()),
		"seconds": place.LimitDuration.Seconds(),
		"bytes":   place.LimitData,
		"voucher": place.Voucher != nil && place.Voucher.Relay == info.ID && place.Voucher.Peer == node.ID(),
	})
	// The parent ends us by closing our input.
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
