//! A small rust-libp2p peer for the interop run: it listens or dials over TCP with one security protocol and yamux, and
//! moves bytes both ways by the protocol that ../src/pattern.ts describes.

use std::{error::Error, io, time::Duration};

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use libp2p::{
    identity::Keypair,
    multiaddr::Protocol,
    noise,
    swarm::{dial_opts::DialOpts, SwarmEvent},
    tcp, tls, yamux, Multiaddr, StreamProtocol, Swarm, SwarmBuilder,
};

const PROTOCOL: StreamProtocol = StreamProtocol::new("/p2pshare/interop/1.0.0");
/// What one exchange may move: the run moves a few mebibytes, and a peer must not be able to ask for more.
const MAX_BYTES: u64 = 1 << 30;
const DEADLINE: Duration = Duration::from_secs(30);
const CHUNK: usize = 64 * 1024;

type Failure = Box<dyn Error + Send + Sync>;

/// The byte at a place of the stream, as in ../src/pattern.ts.
fn pattern_at(position: u64) -> u8 {
    (position.wrapping_mul(31).wrapping_add(position >> 8) & 0xff) as u8
}

async fn send_pattern<W: AsyncWrite + Unpin>(to: &mut W, count: u64) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    let mut sent = 0;
    while sent < count {
        let size = (count - sent).min(CHUNK as u64) as usize;
        for (i, byte) in buffer[..size].iter_mut().enumerate() {
            *byte = pattern_at(sent + i as u64);
        }
        to.write_all(&buffer[..size]).await?;
        sent += size as u64;
    }
    to.flush().await
}

async fn expect_pattern<R: AsyncRead + Unpin>(from: &mut R, count: u64) -> Result<(), Failure> {
    let mut buffer = vec![0; CHUNK];
    let mut seen = 0;
    while seen < count {
        let room = (count - seen).min(CHUNK as u64) as usize;
        let got = from.read(&mut buffer[..room]).await?;
        if got == 0 {
            return Err(format!("ended after {seen} of {count} bytes").into());
        }
        for (i, byte) in buffer[..got].iter().enumerate() {
            if *byte != pattern_at(seen + i as u64) {
                return Err(format!("byte {} is wrong", seen + i as u64).into());
            }
        }
        seen += got as u64;
    }
    Ok(())
}

async fn serve(mut stream: libp2p::Stream) -> Result<(), Failure> {
    let mut header = [0; 16];
    stream.read_exact(&mut header).await?;
    let up = u64::from_be_bytes(header[..8].try_into()?);
    let down = u64::from_be_bytes(header[8..].try_into()?);
    if up > MAX_BYTES || down > MAX_BYTES {
        return Err("asked for too much".into());
    }
    expect_pattern(&mut stream, up).await?;
    send_pattern(&mut stream, down).await?;
    stream.close().await?;
    Ok(())
}

fn key_pair(kind: &str) -> Result<Keypair, Failure> {
    Ok(match kind {
        "ed25519" => Keypair::generate_ed25519(),
        "secp256k1" => Keypair::generate_secp256k1(),
        "ecdsa" => Keypair::generate_ecdsa(),
        _ => return Err(format!("no such key type: {kind}").into()),
    })
}

fn new_swarm(security: &str, kind: &str) -> Result<Swarm<libp2p_stream::Behaviour>, Failure> {
    let builder = SwarmBuilder::with_existing_identity(key_pair(kind)?).with_tokio();
    let tcp = tcp::Config::default().nodelay(true);
    let idle = |config: libp2p::swarm::Config| config.with_idle_connection_timeout(DEADLINE);
    Ok(match security {
        "tls" => builder
            .with_tcp(tcp, tls::Config::new, yamux::Config::default)?
            .with_behaviour(|_| libp2p_stream::Behaviour::new())?
            .with_swarm_config(idle)
            .build(),
        "noise" => builder
            .with_tcp(tcp, noise::Config::new, yamux::Config::default)?
            .with_behaviour(|_| libp2p_stream::Behaviour::new())?
            .with_swarm_config(idle)
            .build(),
        _ => return Err(format!("no such security protocol: {security}").into()),
    })
}

async fn listen(security: &str, kind: &str) -> Result<(), Failure> {
    let mut swarm = new_swarm(security, kind)?;
    let mut incoming = swarm.behaviour().new_control().accept(PROTOCOL)?;
    swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse()?)?;
    tokio::spawn(async move {
        while let Some((_, stream)) = incoming.next().await {
            tokio::spawn(async move {
                match tokio::time::timeout(DEADLINE, serve(stream)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => eprintln!("serve: {error}"),
                    Err(_) => eprintln!("serve: too slow"),
                }
            });
        }
    });
    // The parent ends us by closing our input.
    let ended = tokio::spawn(async { tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink()).await });
    tokio::pin!(ended);
    loop {
        tokio::select! {
            event = swarm.select_next_some() => match event {
                SwarmEvent::NewListenAddr { address, .. } => {
                    println!("LISTEN {}", address.with(Protocol::P2p(*swarm.local_peer_id())));
                }
                SwarmEvent::IncomingConnectionError { error, .. } => eprintln!("incoming: {error}"),
                _ => {}
            },
            _ = &mut ended => return Ok(()),
        }
    }
}

async fn dial(security: &str, kind: &str, address: &str, up: u64, down: u64) -> Result<(), Failure> {
    let mut swarm = new_swarm(security, kind)?;
    let address: Multiaddr = address.parse()?;
    let Some(Protocol::P2p(peer)) = address.iter().last() else {
        return Err("the address names no peer".into());
    };
    let mut control = swarm.behaviour().new_control();
    swarm.dial(DialOpts::peer_id(peer).addresses(vec![address]).build())?;
    let exchange = async move {
        let mut stream = control.open_stream(peer, PROTOCOL).await?;
        let mut header = [0; 16];
        header[..8].copy_from_slice(&up.to_be_bytes());
        header[8..].copy_from_slice(&down.to_be_bytes());
        stream.write_all(&header).await?;
        send_pattern(&mut stream, up).await?;
        expect_pattern(&mut stream, down).await?;
        stream.close().await?;
        Ok::<(), Failure>(())
    };
    tokio::pin!(exchange);
    loop {
        tokio::select! {
            event = swarm.select_next_some() => {
                if let SwarmEvent::OutgoingConnectionError { error, .. } = event {
                    return Err(error.to_string().into());
                }
            }
            result = &mut exchange => {
                result?;
                println!("OK {security} /yamux/1.0.0");
                return Ok(());
            }
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["listen", security, kind] => listen(security, kind).await,
        ["dial", security, kind, address, up, down] => {
            tokio::time::timeout(DEADLINE, dial(security, kind, address, up.parse()?, down.parse()?)).await?
        }
        _ => Err("usage: peer listen <tls|noise> <key type> | peer dial <tls|noise> <key type> <address> <up> <down>".into()),
    }
}
