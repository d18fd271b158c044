// SPDX-License-Identifier: MIT
// A WebSocket client made of Debian's node-ws, for test_ws_peers.py. Its one argument is a JSON object: url; ca; deflate;
// protocols; steps, each [kind, ...]. Prints one JSON object with what it saw, once the connection is over.
//   ["text", T] ["binary", BASE64] ["fill", N, "text"|"binary"]   one message
//   ["fragments", N, SIZE]   a binary message of N bytes in frames of SIZE bytes, with a ping in the middle
//   ["ping", T]              and the pong is waited for
//   ["await", N]             until N bytes of payload came since the connection was opened
//   ["close", CODE, REASON]  and the answer is waited for
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const WebSocket = require('ws');

const how = JSON.parse(process.argv[2]);
const seen = { messages: [], bytes: 0, pongs: [], pings: 0 };
const sent = crypto.createHash('sha256');
const got = crypto.createHash('sha256');
const socket = new WebSocket(how.url, how.protocols || [], {
	ca: how.ca ? fs.readFileSync(how.ca) : undefined,
	perMessageDeflate: how.deflate ? { threshold: 0 } : false,
	headers: how.headers || {},
});
let wake = () => {};

function say(data, options) {
	sent.update(data);
	return new Promise((done, wrong) => socket.send(data, options, (error) => (error ? wrong(error) : done())));
}

async function until(state) {
	while (!state()) await new Promise((done) => (wake = done));
}

const acts = {
	text: (text) => say(text, { binary: false }),
	binary: (base64) => say(Buffer.from(base64, 'base64'), { binary: true }),
	fill: (size, kind) => say(kind === 'text' ? 'ä€😀x'.repeat(size / 10) : crypto.randomBytes(size), { binary: kind !== 'text' }),
	fragments: async (size, piece) => {
		const data = crypto.randomBytes(size);
		for (let at = 0; at < size; at += piece) {
			await say(data.subarray(at, at + piece), { binary: true, fin: at + piece >= size });
			if (at === 0) socket.ping('middle');
		}
	},
	ping: async (text) => {
		socket.ping(text);
		await until(() => seen.pongs.includes(text));
	},
	await: (bytes) => until(() => seen.bytes >= bytes),
	close: (code, reason) => socket.close(code, reason),
};

socket.on('message', (data, binary) => {
	got.update(data);
	seen.bytes += data.length;
	if (seen.messages.length < 20) seen.messages.push([binary ? 'binary' : 'text', data.toString('latin1').slice(0, 100)]);
	wake();
});
socket.on('pong', (data) => { seen.pongs.push(data.toString()); wake(); });
socket.on('ping', () => { seen.pings++; wake(); });
socket.on('unexpected-response', (request, response) => { seen.status = response.statusCode; seen.headers = response.headers; finish(); });
socket.on('error', (error) => { seen.error = error.message; });
socket.on('close', (code, reason) => { seen.code = code; seen.reason = reason.toString(); finish(); });
socket.on('open', async () => {
	seen.extensions = socket.extensions;
	seen.protocol = socket.protocol;
	for (const [kind, ...words] of how.steps) await acts[kind](...words);
});

function finish() {
	seen.sent = sent.digest('hex');
	seen.got = got.digest('hex');
	fs.writeSync(1, JSON.stringify(seen) + '\n');
	process.exit(0);
}
