// SPDX-License-Identifier: MIT
// A WebSocket server made of Debian's node-ws, for test_ws_peers.py. Its one argument is a JSON object: deflate, cert, key.
// Prints its port, then a line of JSON for every connection that ended. What it does is chosen by the path.
'use strict';
const fs = require('fs');
const http = require('http');
const https = require('https');
const { WebSocketServer } = require('ws');

const how = JSON.parse(process.argv[2] || '{}');
const server = how.cert
	? https.createServer({ cert: fs.readFileSync(how.cert), key: fs.readFileSync(how.key) })
	: http.createServer();
const deflate = how.deflate ? { threshold: 0 } : false;
const sockets = new WebSocketServer({
	server,
	perMessageDeflate: deflate,
	handleProtocols: (offered) => (offered.has('chosen') ? 'chosen' : false),
});

const acts = {
	echo: (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })),
	// what it is given comes back in frames of 1000 bytes with a ping between them
	fragmented: (socket) =>
		socket.on('message', (data, binary) => {
			for (let at = 0; at < data.length; at += 1000) {
				const fin = at + 1000 >= data.length;
				socket.send(data.subarray(at, at + 1000), { binary, fin });
				if (!fin) socket.ping('between');
			}
		}),
	// says whether the answer to its ping came
	ping: (socket) => {
		socket.on('pong', (data) => socket.send(`pong ${data}`, () => socket.close(1000)));
		socket.ping('are you there');
	},
	kinds: (socket) =>
		socket.on('message', (data, binary) => socket.send(`${binary ? 'binary' : 'text'} ${data.length}\n`)),
	headers: (socket, request) => {
		socket.send(JSON.stringify({ url: request.url, headers: request.headers, protocol: socket.protocol,
			extensions: socket.extensions }));
		socket.close(1000);
	},
	// /big/N: one message of N bytes, byte i is i % 251
	big: (socket, request, [size]) => {
		const data = Buffer.alloc(Number(size));
		for (let i = 0; i < data.length; i++) data[i] = i % 251;
		socket.send(data, () => socket.close(1000));
	},
	// /close/CODE/REASON after the first message
	close: (socket, request, [code, reason]) =>
		socket.once('message', (data) => socket.send(data, () => socket.close(Number(code), reason))),
	// the end of the connection without a Close
	cut: (socket) => socket.once('message', (data) => socket.send(data, () => socket._socket.end())),
};

sockets.on('connection', (socket, request) => {
	const [act, ...words] = request.url.slice(1).split('?')[0].split('/').map(decodeURIComponent);
	socket.on('close', (code, reason) =>
		console.log(JSON.stringify({ url: request.url, code, reason: reason.toString(), extensions: socket.extensions })));
	socket.on('error', (error) => console.log(JSON.stringify({ url: request.url, error: error.message })));
	(acts[act] || acts.echo)(socket, request, words);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
