throw new Error('react-native-webrtc is a stub here: @libp2p/webrtc takes node-datachannel on Node')
