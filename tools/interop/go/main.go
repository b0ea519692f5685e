// A small go-libp2p peer for the interop run: it listens or dials over TCP with one security protocol and yamux, and
// moves bytes both ways by the protocol that ../src/pattern.ts describes.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

const (
	protocolID = "/p2pshare/interop/1.0.0"
	// What one exchange may move: the run moves a few mebibytes, and a peer must not be able to ask for more.
	maxBytes = 1 << 30
	deadline = 30 * time.Second
)

// The byte at a place of the stream, as in ../src/pattern.ts.
func patternAt(position uint64) byte {
	return byte(position*31 + position>>8)
}

func sendPattern(to io.Writer, count uint64) error {
	buffer := make([]byte, 64*1024)
	for sent := uint64(0); sent < count; {
		part := buffer[:min(uint64(len(buffer)), count-sent)]
		for i := range part {
			part[i] = patternAt(sent + uint64(i))
		}
		if _, err := to.Write(part); err != nil {
			return err
		}
		sent += uint64(len(part))
	}
	return nil
}

func expectPattern(from io.Reader, count uint64) error {
	buffer := make([]byte, 64*1024)
	for seen := uint64(0); seen < count; {
		n, err := from.Read(buffer[:min(uint64(len(buffer)), count-seen)])
		for i := range n {
			if buffer[i] != patternAt(seen+uint64(i)) {
				return fmt.Errorf("byte %d is wrong", seen+uint64(i))
			}
		}
		seen += uint64(n)
		if err != nil && seen < count {
			return err
		}
	}
	return nil
}

func serve(stream network.Stream) {
	err := func() error {
		if err := stream.SetDeadline(time.Now().Add(deadline)); err != nil {
			return err
		}
		reader := bufio.NewReader(stream)
		var header [16]byte
		if _, err := io.ReadFull(reader, header[:]); err != nil {
			return err
		}
		up := binary.BigEndian.Uint64(header[:8])
		down := binary.BigEndian.Uint64(header[8:])
		if up > maxBytes || down > maxBytes {
			return fmt.Errorf("asked for too much")
		}
		if err := expectPattern(reader, up); err != nil {
			return err
		}
		return sendPattern(stream, down)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		_ = stream.Reset()
		return
	}
	_ = stream.Close()
}

func newHost(security, keyType string, listen bool) (host.Host, error) {
	kind, bits := crypto.Ed25519, -1
	switch keyType {
	case "ed25519":
	case "secp256k1":
		kind = crypto.Secp256k1
	case "ecdsa":
		kind = crypto.ECDSA
	case "rsa":
		kind, bits = crypto.RSA, 2048
	default:
		return nil, fmt.Errorf("no such key type: %s", keyType)
	}
	key, _, err := crypto.GenerateKeyPair(kind, bits)
	if err != nil {
		return nil, err
	}
	options := []libp2p.Option{
		libp2p.Identity(key),
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
		libp2p.ResourceManager(&network.NullResourceManager{}),
	}
	switch security {
	case "tls":
		options = append(options, libp2p.Security(libp2ptls.ID, libp2ptls.New))
	case "noise":
		options = append(options, libp2p.Security(noise.ID, noise.New))
	default:
		return nil, fmt.Errorf("no such security protocol: %s", security)
	}
	if listen {
		options = append(options, libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"))
	} else {
		options = append(options, libp2p.NoListenAddrs)
	}
	return libp2p.New(options...)
}

func listen(security, keyType string) error {
	node, err := newHost(security, keyType, true)
	if err != nil {
		return err
	}
	defer node.Close()
	node.SetStreamHandler(protocolID, serve)
	for _, address := range node.Addrs() {
		fmt.Printf("LISTEN %s/p2p/%s\n", address, node.ID())
	}
	// The parent ends us by closing our input.
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func dial(security, keyType, address string, up, down uint64) error {
	node, err := newHost(security, keyType, false)
	if err != nil {
		return err
	}
	defer node.Close()
	info, err := peer.AddrInfoFromString(address)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := node.Connect(ctx, *info); err != nil {
		return err
	}
	stream, err := node.NewStream(ctx, info.ID, protocolID)
	if err != nil {
		return err
	}
	if err := stream.SetDeadline(time.Now().Add(deadline)); err != nil {
		return err
	}
	var header [16]byte
	binary.BigEndian.PutUint64(header[:8], up)
	binary.BigEndian.PutUint64(header[8:], down)
	if _, err := stream.Write(header[:]); err != nil {
		return err
	}
	if err := sendPattern(stream, up); err != nil {
		return err
	}
	if err := expectPattern(stream, down); err != nil {
		return err
	}
	state := stream.Conn().ConnState()
	fmt.Printf("OK %s %s early=%t\n", state.Security, state.StreamMultiplexer, state.UsedEarlyMuxerNegotiation)
	return stream.Close()
}

func run(args []string) error {
	if len(args) == 3 && args[0] == "listen" {
		return listen(args[1], args[2])
	}
	if len(args) == 6 && args[0] == "dial" {
		up, err := strconv.ParseUint(args[4], 10, 63)
		if err != nil {
			return err
		}
		down, err := strconv.ParseUint(args[5], 10, 63)
		if err != nil {
			return err
		}
		return dial(args[1], args[2], args[3], up, down)
	}
	if len(args) == 4 && args[0] == "reach" {
		return reach(args[1], args[2], args[3])
	}
	return fmt.Errorf("usage: peer listen <tls|noise> <key type> | peer dial <tls|noise> <key type> <address> <up> <down> | peer reach <relay> <listen> <outside>")
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
