#compdef sockutil
# zsh completion for sockutil, made by: sockutil help --completion zsh

_sockutil() {
	local -a commands=(
		'connect:be a client\: join stdin and stdout to a connection'
		'serve:be a server\: answer each connection, or join stdin and stdout to one'
		'get:fetch over HTTP and HTTPS'
		'chat:talk with people\: host a chat, or join one'
		'help:show a command'\''s options, the manual, completion scripts'
	)
	if (( CURRENT == 2 )); then
		_describe command commands
		_arguments '--help[show the commands]' '--version[show what is built in]'
		return
	fi
	shift words
	(( CURRENT-- ))
	case $words[1] in
	connect)
		_arguments -s -S \
			'*--send=[send TEXT, show the reply, then the next TEXT]:TEXT: ' \
			'--prompt=[ask for each message; an empty line ends it]:TEXT: ' \
			'--reply-label=[write TEXT before each reply]:TEXT: ' \
			'--framing=[where a message ends\: chunk is what one read brings]:WAY:(chunk line length)' \
			'--max-message=[the longest message; a longer one ends with status 63]:SIZE: ' \
			'(-N --no-half-close)'{-N,--no-half-close}'[keep the end of stdin to ourselves; wait for the peer'\''s end]' \
			'--recv-only[only receive; stdin is never touched]' \
			'--send-only[only send; what the peer says is dropped]' \
			'--quit-after=[after stdin\: end TIME after the last byte came]:TIME: ' \
			'--keep-sending[when the peer ended first, wait for all stdin will give]' \
			'--wait=-[try until the peer accepts, at most TIME]::TIME: ' \
			'--retry=[try N times more when connecting fails]:N: ' \
			'--retry-delay=[the first wait between tries; doubles, with jitter, to 60s]:TIME: ' \
			'--reconnect[come back after a loss, until stdin ends]' \
			'(-C --crlf)'{-C,--crlf}'[send each newline as CR LF, once]' \
			'--preamble=[send this first]:TEXT|@FILE: ' \
			'--send-proxy=[send a PROXY protocol header first\: who we are, for a server behind proxies]:VERSION: ' \
			'--input=[send FILE instead of stdin]:FILE:_files' \
			'(-o --output)'{-o+,--output=}'[write what comes to FILE instead of stdout]:FILE:_files' \
			'--append[add to the output file instead of replacing it]' \
			'--progress[show how far it is, on stderr]' \
			'--digest=[say the digest of what went each way]:NAME:(none sha256 sha512 sha1 md5)' \
			'--info=[addresses, TLS and timings of the connection, on stderr]:FORM:(none text json)' \
			'--edit[line editing and history; what comes is shown above]' \
			'--show-cert[the peer'\''s certificate chain in words and PEM, on stderr]' \
			'--ignore-int[leave Ctrl-C to others (ssh'\''s ProxyCommand)]' \
			'--starttls=[ask for TLS as PROTOCOL does; a server without it is an error]:PROTOCOL:(none smtp imap pop3 ftp xmpp ldap postgres mysql nntp sieve)' \
			'--telnet[answer TELNET'\''s commands (RFC 854), refusing every option]' \
			'(-e --exec)'{-e,--exec}'[join CMD to it, with the rest of the line]:*:CMD...:_command_names -e' \
			'(-c --shell)'{-c+,--shell=}'[the same by /bin/sh -c CMD]:CMD: ' \
			'--pty[give the program a terminal instead of pipes]' \
			'--ws-text[send text messages, not binary ones]' \
			'--ws-framing=[what a message is\: what one read brings, or a line]:WAY:(chunk line)' \
			'*--ws-header=[send this header with the handshake]:LINE: ' \
			'--ws-subprotocol=[subprotocols to offer, the best first]:LIST: ' \
			'--ws-ping=[send a ping so often; without an answer in that time it is a time-out]:TIME: ' \
			'(-z --scan)'{-z,--scan}'[which ports of HOST are open\: PORT, A-B, a list]' \
			'--all[status 0 only if all of them are open, not just one]' \
			'--json[one JSON object a port]' \
			'--jobs=[try so many at once]:N: ' \
			'(-4 --ipv4)'{-4,--ipv4}'[IPv4 addresses only]' \
			'(-6 --ipv6)'{-6,--ipv6}'[IPv6 addresses only]' \
			'*'{-v,--verbose}'[say more on standard error; twice\: still more]' \
			'(-q --quiet)'{-q,--quiet}'[say nothing but errors]' \
			'--log-json[messages as JSON, one object an event]' \
			'--log-file=[append messages to F instead of standard error]:F:_files' \
			'--color=[color messages; NO_COLOR in the environment turns auto off]:WHEN:(auto always never)' \
			'--stats[at the end of a connection\: bytes, rates, times, TCP_INFO]' \
			'--idle-timeout=[end a connection idle for TIME]:TIME: ' \
			'--max-time=[end when all of it has taken TIME]:TIME: ' \
			'--interface=[use this network interface only]:NAME: ' \
			'--nodelay[send small pieces at once (TCP_NODELAY)]' \
			'--keepalive=-[probe a silent peer\: after IDLE seconds, every INTERVAL seconds, COUNT times (without a value as the system is set)]::IDLE,INTERVAL,COUNT: ' \
			'--rcvbuf=[receive buffer (SO_RCVBUF)]:SIZE: ' \
			'--sndbuf=[send buffer (SO_SNDBUF)]:SIZE: ' \
			'--ttl=[how many hops a packet may travel]:N: ' \
			'--dscp=[class of service\: ef, af11 to af43, cs0 to cs7, le, be or 0-63]:NAME|N: ' \
			'--mark=[mark for routing and filters (SO_MARK, privileged)]:N: ' \
			'--linger=[closing waits N seconds for unsent bytes; 0 resets (SO_LINGER)]:N: ' \
			'--fastopen[send bytes along with the first packet (TCP Fast Open)]' \
			'--mptcp[several paths at once (Multipath TCP)]' \
			'--congestion=[congestion control\: reno, cubic, bbr, as the kernel has them]:NAME: ' \
			'--user-timeout=[give up on bytes unacknowledged for TIME]:TIME: ' \
			'*--sockopt=[any option of socket(7) tcp(7) ip(7) ipv6(7) by name]:NAME=VALUE: ' \
			'--show-sockopts[all options of the socket as the kernel reports them]' \
			'--tls[encrypt, as a tls\:// endpoint does]' \
			'*--cert=[our certificate (PEM), then its chain]:F:_files' \
			'*--key=[private key of --cert, unless that file holds it]:F:_files' \
			'--key-passfile=[file with the passphrase of the key]:F:_files' \
			'--secret=[both sides proven by a secret, no certificates]:F:_files' \
			'--crl=[revoked certificates (PEM)]:F:_files' \
			'--alpn=[application protocols, the preferred one first]:LIST: ' \
			'--tls-min=[oldest version accepted]:VERSION:(1.2 1.3)' \
			'--tls-max=[newest version offered]:VERSION:(1.2 1.3)' \
			'--ciphers=[ciphers by OpenSSL'\''s names, those of TLS 1.3 too]:LIST: ' \
			'--groups=[key exchange groups]:LIST: ' \
			'--keylog=[append session keys for Wireshark (also by SSLKEYLOGFILE)]:F:_files' \
			'--limit-rate=[at most RATE bytes a second, each way]:RATE: ' \
			'--limit-rate-up=[the same for what is sent]:RATE: ' \
			'--limit-rate-down=[the same for what is received]:RATE: ' \
			'--record=[what passes, decrypted, as pcapng for Wireshark; as text when F ends in .jsonl]:F:_files' \
			'--hex=[what passes as a hex dump with direction, offset, time; - is standard error]:F:_files' \
			'(-w --timeout)'{-w+,--timeout=}'[give up when not open after TIME]:TIME: ' \
			'(-s --source)'{-s+,--source=}'[connect from this local address]:ADDR\[\:PORT\]: ' \
			'--insecure[go on with a certificate that is not trusted]' \
			'--ca=[certificates to trust]:FILE|DIR:_files' \
			'--servername=[server name to ask for (SNI); "" asks for none]:NAME: ' \
			'--verify-name=[name that the certificate must be for]:NAME: ' \
			'--pin=[the peer'\''s public key must be this\: sha256//BASE64, several with ";" between]:PIN: ' \
			'--tofu=[trust on first use\: keep the peer'\''s key in F, insist on it from then on]:F:_files' \
			'*'{-x+,--proxy=}'[go through this proxy; repeat for a chain]:URL: ' \
			'--proxy-auth=[who we are for the proxy that has no user in its URL]:@FILE|USER\:PASSWORD: ' \
			'--proxy-dns=[who resolves names\: the proxy, or we]:WHERE:(remote local)' \
			'--noproxy=[hosts to reach directly\: names, .suffixes, addresses, CIDR, each with \:PORT or without; *]:LIST: ' \
			'(-h --help)'{-h,--help}'[show the common options]' \
			'--help-all[show every option]' \
			'*:host:_hosts'
		;;
	serve)
		_arguments -s -S \
			'--reply=[answer each message\: {message} {reversed} {time} {peer} {local} {count}]:TEMPLATE: ' \
			'--responder=[a ready-made answer]:NAME:(echo time greet prefix reverse discard chargen daytime qotd)' \
			'--banner=[say TEXT first]:TEXT: ' \
			'--delay=[wait TIME before each answer]:TIME: ' \
			'--quit=[a message that is WORD closes the connection]:WORD: ' \
			'--framing=[where a message ends\: chunk is what one read brings]:WAY:(chunk line length)' \
			'--max-message=[the longest message; a longer one closes the connection]:SIZE: ' \
			'--send-file=[send FILE to each client]:FILE:_files' \
			'--save=[each connection into a file\: %p peer, %n number]:PATTERN: ' \
			'(-e --exec)'{-e,--exec}'[a program for each, with the rest of the line]:*:CMD...:_command_names -e' \
			'(-c --shell)'{-c+,--shell=}'[the same by /bin/sh -c CMD]:CMD: ' \
			'--pty[give the program a terminal instead of pipes]' \
			'--stderr=[where the program'\''s standard error goes\: ours, the client, the log]:WHERE:(inherit connection log)' \
			'--max-children=[programs at once; more clients are refused]:N: ' \
			'*--forward=[join each to ENDPOINT; several\: in turn]:ENDPOINT: ' \
			'--send-proxy=[say first who the client is, by a PROXY protocol header]:VERSION:(1 2)' \
			'(-w --timeout)'{-w+,--timeout=}'[try the next when one is not open after TIME]:TIME: ' \
			'(-s --source)'{-s+,--source=}'[connect from this local address]:ADDR\[\:PORT\]: ' \
			'--ca=[trust these for tls\:// (of clients\: --client-ca)]:FILE|DIR:_files' \
			'--insecure[go on when its certificate is not trusted]' \
			'--servername=[server name to ask it for (SNI); "" asks for none]:NAME: ' \
			'--verify-name=[name that its certificate must be for]:NAME: ' \
			'--pin=[its public key must be this\: sha256//BASE64, several with ";" between]:PIN: ' \
			'--tofu=[trust on first use\: keep its key in F, insist on it from then on]:F:_files' \
			'--broker[what one says all others get]' \
			'--ws[speak WebSocket; others get 426, or --files]' \
			'--ws-text[send text messages, UTF-8 alone; without it binary ones]' \
			'--ws-subprotocol=[subprotocols spoken here; the client'\''s first choice among them is agreed on]:LIST: ' \
			'--ws-origin=[pages of these origins may connect from a browser too; * for all]:LIST: ' \
			'--ws-ping=[ask clients so often whether they are there; gone when not by the next time]:TIME: ' \
			'--ws-max-message=[longest message, unpacked; a longer one closes the connection (1009)]:SIZE: ' \
			'--ws-no-deflate[do not agree to permessage-deflate]' \
			'--files=[serve the files of DIR over HTTP]:DIR:_files' \
			'--upload[take files by PUT\: whole ones, or nothing]' \
			'--max-size=[the largest file that --upload takes]:SIZE: ' \
			'*--auth=[only for these users; a file has one a line]:USER\:PASSWORD|@FILE: ' \
			'--spa[index.html for paths that are not there and have no extension]' \
			'--cors[let pages of any origin read the files]' \
			'--no-listing[do not show what is in folders without index.html]' \
			'--dotfiles[serve names with a leading dot too]' \
			'--follow-symlinks[follow symbolic links that stay inside DIR]' \
			'--gateway=[be a proxy server for those who come]:KIND:(http socks both)' \
			'*--gateway-auth=[only who knows one of these; a file has one a line]:USER\:PASSWORD|@FILE: ' \
			'--allow-private[connect to private and local addresses too]' \
			'(-k --keep-open)'{-k,--keep-open}'[stdin and stdout\: any number of clients at once]' \
			'--once[serve one connection, then end with its status]' \
			'--accept=[serve N connections, then end]:N: ' \
			'--one-at-a-time[one client after another; the others wait]' \
			'--recv-only[only receive; stdin is never touched]' \
			'--send-only[only send; what clients say is dropped]' \
			'--max-conns=[connections at once; others wait in the backlog]:N: ' \
			'--workers=[processes that serve; auto\: one for each processor]:N|auto: ' \
			'--grace=[for open connections after SIGTERM or SIGINT]:TIME: ' \
			'--accept-proxy=[a PROXY protocol header says who the client is\: must, or may, come first]:WAY:(require detect)' \
			'--max-conns-per-ip=[connections at once from one address; more are closed]:N: ' \
			'--conn-rate=[new connections a second; more are closed]:N/s: ' \
			'--backlog=[connections the kernel keeps until they are taken]:N: ' \
			'*--allow=[only these\: CIDR, address, name, unix, @FILE]:RULE: ' \
			'*--deny=[not these, whatever --allow says]:RULE: ' \
			'--handshake-timeout=[for what comes first\: PROXY header, TLS, a request]:TIME: ' \
			'--client-ca=[who signs the certificates of clients]:FILE:_files' \
			'--client-cert=[whether a client has to have one]:HOW:(required optional)' \
			'--port-file=[write the port to FILE once it listens\: with port 0]:FILE:_files' \
			'--ready-fd=[write READY and a newline to descriptor N once it listens]:N: ' \
			'--mode=[permissions of a socket file]:OCTAL: ' \
			'--pidfile=[write our process number to FILE, locked while we run]:FILE:_files' \
			'--user=[become USER once everything is open\: for a server started by root]:USER\[\:GROUP\]: ' \
			'--metrics=[tell counters over HTTP at ENDPOINT, as OpenMetrics text]:ENDPOINT: ' \
			'(-4 --ipv4)'{-4,--ipv4}'[IPv4 addresses only]' \
			'(-6 --ipv6)'{-6,--ipv6}'[IPv6 addresses only]' \
			'*'{-v,--verbose}'[say more on standard error; twice\: still more]' \
			'(-q --quiet)'{-q,--quiet}'[say nothing but errors]' \
			'--log-json[messages as JSON, one object an event]' \
			'--log-file=[append messages to F instead of standard error]:F:_files' \
			'--color=[color messages; NO_COLOR in the environment turns auto off]:WHEN:(auto always never)' \
			'--stats[at the end of a connection\: bytes, rates, times, TCP_INFO]' \
			'--idle-timeout=[end a connection idle for TIME]:TIME: ' \
			'--max-time=[end when all of it has taken TIME]:TIME: ' \
			'--interface=[use this network interface only]:NAME: ' \
			'--nodelay[send small pieces at once (TCP_NODELAY)]' \
			'--keepalive=-[probe a silent peer\: after IDLE seconds, every INTERVAL seconds, COUNT times (without a value as the system is set)]::IDLE,INTERVAL,COUNT: ' \
			'--rcvbuf=[receive buffer (SO_RCVBUF)]:SIZE: ' \
			'--sndbuf=[send buffer (SO_SNDBUF)]:SIZE: ' \
			'--ttl=[how many hops a packet may travel]:N: ' \
			'--dscp=[class of service\: ef, af11 to af43, cs0 to cs7, le, be or 0-63]:NAME|N: ' \
			'--mark=[mark for routing and filters (SO_MARK, privileged)]:N: ' \
			'--linger=[closing waits N seconds for unsent bytes; 0 resets (SO_LINGER)]:N: ' \
			'--fastopen[send bytes along with the first packet (TCP Fast Open)]' \
			'--mptcp[several paths at once (Multipath TCP)]' \
			'--congestion=[congestion control\: reno, cubic, bbr, as the kernel has them]:NAME: ' \
			'--user-timeout=[give up on bytes unacknowledged for TIME]:TIME: ' \
			'*--sockopt=[any option of socket(7) tcp(7) ip(7) ipv6(7) by name]:NAME=VALUE: ' \
			'--show-sockopts[all options of the socket as the kernel reports them]' \
			'--tls[encrypt, as a tls\:// endpoint does]' \
			'*--cert=[our certificate (PEM), then its chain]:F:_files' \
			'*--key=[private key of --cert, unless that file holds it]:F:_files' \
			'--key-passfile=[file with the passphrase of the key]:F:_files' \
			'--secret=[both sides proven by a secret, no certificates]:F:_files' \
			'--crl=[revoked certificates (PEM)]:F:_files' \
			'--alpn=[application protocols, the preferred one first]:LIST: ' \
			'--tls-min=[oldest version accepted]:VERSION:(1.2 1.3)' \
			'--tls-max=[newest version offered]:VERSION:(1.2 1.3)' \
			'--ciphers=[ciphers by OpenSSL'\''s names, those of TLS 1.3 too]:LIST: ' \
			'--groups=[key exchange groups]:LIST: ' \
			'--keylog=[append session keys for Wireshark (also by SSLKEYLOGFILE)]:F:_files' \
			'--limit-rate=[at most RATE bytes a second, each way]:RATE: ' \
			'--limit-rate-up=[the same for what is sent]:RATE: ' \
			'--limit-rate-down=[the same for what is received]:RATE: ' \
			'--record=[what passes, decrypted, as pcapng for Wireshark; as text when F ends in .jsonl]:F:_files' \
			'--hex=[what passes as a hex dump with direction, offset, time; - is standard error]:F:_files' \
			'*'{-x+,--proxy=}'[go through this proxy; repeat for a chain]:URL: ' \
			'--proxy-auth=[who we are for the proxy that has no user in its URL]:@FILE|USER\:PASSWORD: ' \
			'--proxy-dns=[who resolves names\: the proxy, or we]:WHERE:(remote local)' \
			'--noproxy=[hosts to reach directly\: names, .suffixes, addresses, CIDR, each with \:PORT or without; *]:LIST: ' \
			'(-h --help)'{-h,--help}'[show the common options]' \
			'--help-all[show every option]' \
			'*:host:_hosts'
		;;
	get)
		_arguments -s -S \
			'*'{-o+,--output=}'[write the body to FILE; the n-th is the n-th URL'\''s]:FILE:_files' \
			'(-O --remote-name)'{-O,--remote-name}'[write to a file named as the URL ends]' \
			'(-J --remote-header-name)'{-J,--remote-header-name}'[name it as the server proposes, else as the URL ends; never overwrites]' \
			'(-P --directory)'{-P+,--directory=}'[put files into DIR; implies -O unless -o or -J names them]:DIR:_files' \
			'--create-dirs[make the folders that the file'\''s name has and that are not there]' \
			'--no-clobber[leave a file that is there alone\: write FILE.1, up to FILE.100]' \
			'(-C --continue)'{-C,--continue}'[go on with what is there of the file already]' \
			'--newer[fetch only what is newer than the file that is there]' \
			'--etag=[fetch only what F does not name; then keep the new name there]:F:_files' \
			'--checksum=[the body must have this digest\: sha256, sha512, sha1, md5; else no file, 18]:NAME\:HEX: ' \
			'(-i --include)'{-i,--include}'[show the head of the response on stdout, too]' \
			'(-I --head)'{-I,--head}'[ask for the head alone, and show it]' \
			'(-D --dump-header)'{-D+,--dump-header=}'[write the head to FILE; - is standard output]:FILE:_files' \
			'--trace=[write what is said both ways to FILE, secrets as ***; - is standard output]:FILE:_files' \
			'--timing[how long names, connecting, TLS and the answer took, on stderr]' \
			'--info=[hops, addresses, TLS, sizes and times, on stderr]:FORM:(none json)' \
			'--progress=[how far it is, on stderr; auto is a bar where it disturbs nothing]:FORM:(auto bar line json none)' \
			'--body-on-error[write the body of an answer with status 400 or above, too]' \
			'--no-fail[an answer with status 400 or above is as good as any\: write it, end with 0]' \
			'(-X --request)'{-X+,--request=}'[the method]:METHOD: ' \
			'*'{-H+,--header=}'[add "Name\: value"; "Name\:" leaves one of ours out]:LINE|@FILE: ' \
			'*'{-d+,--data=}'[send a form'\''s text by POST; several are joined by &]:TEXT|@FILE: ' \
			'--data-json=[send JSON by POST]:TEXT|@FILE: ' \
			'*'{-F+,--form=}'[send NAME=TEXT, NAME=@FILE or NAME=<FILE by POST]:PART: ' \
			'(-T --upload)'{-T+,--upload=}'[send FILE by PUT; - is stdin]:FILE:_files' \
			'(-G --get)'{-G,--get}'[put what --data says behind the URL'\''s "?" instead]' \
			'(-u --user)'{-u+,--user=}'[log in; asks for a password that is not given]:NAME\[\:PASSWORD\]: ' \
			'--bearer=[log in with a token]:TOKEN|@FILE: ' \
			'--netrc=-[take names and passwords from FILE, without a value ~/.netrc]::FILE: ' \
			'(-A --user-agent)'{-A+,--user-agent=}'[what we call ourselves; "" sends nothing]:TEXT: ' \
			'(-e --referer)'{-e+,--referer=}'[the page that led here]:URL: ' \
			'*'{-b+,--cookie=}'[send this cookie, or those of a file; "" keeps what servers set]:NAME=VALUE|FILE: ' \
			'(-j --cookie-jar)'{-j+,--cookie-jar=}'[write all cookies to FILE at the end; - is standard output]:FILE:_files' \
			'(-r --range)'{-r+,--range=}'[these bytes alone\: 0-499, 500-, -500]:RANGE: ' \
			'--compressed[ask for gzip, br, zstd or deflate, and decode it]' \
			'--http1.0[speak HTTP/1.0]' \
			'--http1.1[speak HTTP/1.1, also where the server has HTTP/2]' \
			'--http2[speak HTTP/2 and nothing else, without TLS too]' \
			'(-L --follow)'{-L,--follow}'[follow redirects]' \
			'--no-follow[take a redirect for the answer]' \
			'--max-redirects=[more than N in a row end with status 47]:N: ' \
			'--allow-downgrade[follow redirects from https to http]' \
			'--retry=[try N times more; unless given only GET and HEAD, and not for names and refusals]:N: ' \
			'--retry-delay=[the first wait between tries; doubles, with jitter, to 60s]:TIME: ' \
			'--retry-max-time=[start no try after TIME]:TIME: ' \
			'(-Z --parallel)'{-Z,--parallel}'[fetch several URLs at once]' \
			'--jobs=[how many at once]:N: ' \
			'--input-file=[URLs from FILE, one a line, # for comments; - is stdin]:FILE:_files' \
			'--segments=[fetch a large file in N ranges at once]:N: ' \
			'--max-size=[a larger body ends with status 63; decoded bytes count]:SIZE: ' \
			'--min-rate=[end what stays slower than RATE bytes a second]:RATE: ' \
			'*--resolve=[HOST and PORT are at ADDRESS, whatever DNS says]:HOST\:PORT\:ADDRESS: ' \
			'*--connect-to=[connect to HOST2 and PORT2 instead; an empty part is any, or the same]:HOST\:PORT\:HOST2\:PORT2: ' \
			'--unix-socket=[connect through this Unix-domain socket; @NAME is an abstract one]:PATH:_files' \
			'(-k --insecure)'{-k,--insecure}'[go on with a certificate that is not trusted]' \
			'(-4 --ipv4)'{-4,--ipv4}'[IPv4 addresses only]' \
			'(-6 --ipv6)'{-6,--ipv6}'[IPv6 addresses only]' \
			'*'{-v,--verbose}'[say more on standard error; twice\: still more]' \
			'(-q --quiet)'{-q,--quiet}'[say nothing but errors]' \
			'--log-json[messages as JSON, one object an event]' \
			'--log-file=[append messages to F instead of standard error]:F:_files' \
			'--color=[color messages; NO_COLOR in the environment turns auto off]:WHEN:(auto always never)' \
			'--stats[at the end of a connection\: bytes, rates, times, TCP_INFO]' \
			'--idle-timeout=[end a connection idle for TIME]:TIME: ' \
			'--max-time=[end when all of it has taken TIME]:TIME: ' \
			'--interface=[use this network interface only]:NAME: ' \
			'--nodelay[send small pieces at once (TCP_NODELAY)]' \
			'--keepalive=-[probe a silent peer\: after IDLE seconds, every INTERVAL seconds, COUNT times (without a value as the system is set)]::IDLE,INTERVAL,COUNT: ' \
			'--rcvbuf=[receive buffer (SO_RCVBUF)]:SIZE: ' \
			'--sndbuf=[send buffer (SO_SNDBUF)]:SIZE: ' \
			'--ttl=[how many hops a packet may travel]:N: ' \
			'--dscp=[class of service\: ef, af11 to af43, cs0 to cs7, le, be or 0-63]:NAME|N: ' \
			'--mark=[mark for routing and filters (SO_MARK, privileged)]:N: ' \
			'--linger=[closing waits N seconds for unsent bytes; 0 resets (SO_LINGER)]:N: ' \
			'--fastopen[send bytes along with the first packet (TCP Fast Open)]' \
			'--mptcp[several paths at once (Multipath TCP)]' \
			'--congestion=[congestion control\: reno, cubic, bbr, as the kernel has them]:NAME: ' \
			'--user-timeout=[give up on bytes unacknowledged for TIME]:TIME: ' \
			'*--sockopt=[any option of socket(7) tcp(7) ip(7) ipv6(7) by name]:NAME=VALUE: ' \
			'*--cert=[our certificate (PEM), then its chain]:F:_files' \
			'*--key=[private key of --cert, unless that file holds it]:F:_files' \
			'--key-passfile=[file with the passphrase of the key]:F:_files' \
			'--secret=[both sides proven by a secret, no certificates]:F:_files' \
			'--crl=[revoked certificates (PEM)]:F:_files' \
			'--alpn=[application protocols, the preferred one first]:LIST: ' \
			'--tls-min=[oldest version accepted]:VERSION:(1.2 1.3)' \
			'--tls-max=[newest version offered]:VERSION:(1.2 1.3)' \
			'--ciphers=[ciphers by OpenSSL'\''s names, those of TLS 1.3 too]:LIST: ' \
			'--groups=[key exchange groups]:LIST: ' \
			'--keylog=[append session keys for Wireshark (also by SSLKEYLOGFILE)]:F:_files' \
			'--limit-rate=[at most RATE bytes a second, each way]:RATE: ' \
			'--limit-rate-up=[the same for what is sent]:RATE: ' \
			'--limit-rate-down=[the same for what is received]:RATE: ' \
			'--record=[what passes, decrypted, as pcapng for Wireshark; as text when F ends in .jsonl]:F:_files' \
			'--hex=[what passes as a hex dump with direction, offset, time; - is standard error]:F:_files' \
			'(-w --timeout)'{-w+,--timeout=}'[give up when not open after TIME]:TIME: ' \
			'(-s --source)'{-s+,--source=}'[connect from this local address]:ADDR\[\:PORT\]: ' \
			'--ca=[certificates to trust]:FILE|DIR:_files' \
			'--servername=[server name to ask for (SNI); "" asks for none]:NAME: ' \
			'--verify-name=[name that the certificate must be for]:NAME: ' \
			'--pin=[the peer'\''s public key must be this\: sha256//BASE64, several with ";" between]:PIN: ' \
			'--tofu=[trust on first use\: keep the peer'\''s key in F, insist on it from then on]:F:_files' \
			'*'{-x+,--proxy=}'[go through this proxy; repeat for a chain]:URL: ' \
			'--proxy-auth=[who we are for the proxy that has no user in its URL]:@FILE|USER\:PASSWORD: ' \
			'--proxy-dns=[who resolves names\: the proxy, or we]:WHERE:(remote local)' \
			'--noproxy=[hosts to reach directly\: names, .suffixes, addresses, CIDR, each with \:PORT or without; *]:LIST: ' \
			'(-h --help)'{-h,--help}'[show the common options]' \
			'--help-all[show every option]' \
			'*:host:_hosts'
		;;
	chat)
		_arguments -s -S \
			'(-l --listen)'{-l,--listen}'[host the chat, and sit in it]' \
			'(-n --nick)'{-n+,--nick=}'[who we are\: letters, digits, - and _]:NAME: ' \
			'--room=[where we start; of a host\: where everybody starts]:NAME: ' \
			'--simple[two people and nothing else\: no nicks, no rooms; an empty line ends it]' \
			'--reconnect[come back after a loss, with nick and missed messages]' \
			'--retry=[give up after N tries in a row that failed]:N: ' \
			'--retry-delay=[before the first new try; doubles up to a minute]:TIME: ' \
			'--bell[ring when somebody speaks to us]' \
			'--no-edit[plain lines on a terminal too]' \
			'--log=[add what is said to FILE, a line each]:FILE:_files' \
			'--directory=[where files go that we accept]:DIR:_files' \
			'--max-size=[the largest file that we accept; of a host\: that it passes on]:SIZE: ' \
			'--headless[host without sitting in it\: stdin and stdout are not touched]' \
			'--history=[keep N messages of each room for those who come later]:N: ' \
			'--max-members=[members at once; more are told that it is full]:N: ' \
			'--slow=[who reads too slowly (256 KiB behind) is put out, or loses lines and is told]:WAY:(kick drop)' \
			'--grace=[for open connections after SIGTERM or SIGINT]:TIME: ' \
			'--accept-proxy=[a PROXY protocol header says who the client is\: must, or may, come first]:WAY:(require detect)' \
			'--max-conns-per-ip=[connections at once from one address; more are closed]:N: ' \
			'--conn-rate=[new connections a second; more are closed]:N/s: ' \
			'--backlog=[connections the kernel keeps until they are taken]:N: ' \
			'*--allow=[only these\: CIDR, address, name, unix, @FILE]:RULE: ' \
			'*--deny=[not these, whatever --allow says]:RULE: ' \
			'--handshake-timeout=[for what comes first\: PROXY header, TLS, a request]:TIME: ' \
			'--client-ca=[who signs the certificates of clients]:FILE:_files' \
			'--client-cert=[whether a client has to have one]:HOW:(required optional)' \
			'--port-file=[write the port to FILE once it listens\: with port 0]:FILE:_files' \
			'--ready-fd=[write READY and a newline to descriptor N once it listens]:N: ' \
			'--mode=[permissions of a socket file]:OCTAL: ' \
			'--pidfile=[write our process number to FILE, locked while we run]:FILE:_files' \
			'--user=[become USER once everything is open\: for a server started by root]:USER\[\:GROUP\]: ' \
			'--metrics=[tell counters over HTTP at ENDPOINT, as OpenMetrics text]:ENDPOINT: ' \
			'(-4 --ipv4)'{-4,--ipv4}'[IPv4 addresses only]' \
			'(-6 --ipv6)'{-6,--ipv6}'[IPv6 addresses only]' \
			'*'{-v,--verbose}'[say more on standard error; twice\: still more]' \
			'(-q --quiet)'{-q,--quiet}'[say nothing but errors]' \
			'--log-json[messages as JSON, one object an event]' \
			'--log-file=[append messages to F instead of standard error]:F:_files' \
			'--color=[color messages; NO_COLOR in the environment turns auto off]:WHEN:(auto always never)' \
			'--interface=[use this network interface only]:NAME: ' \
			'--nodelay[send small pieces at once (TCP_NODELAY)]' \
			'--keepalive=-[probe a silent peer\: after IDLE seconds, every INTERVAL seconds, COUNT times (without a value as the system is set)]::IDLE,INTERVAL,COUNT: ' \
			'--rcvbuf=[receive buffer (SO_RCVBUF)]:SIZE: ' \
			'--sndbuf=[send buffer (SO_SNDBUF)]:SIZE: ' \
			'--ttl=[how many hops a packet may travel]:N: ' \
			'--dscp=[class of service\: ef, af11 to af43, cs0 to cs7, le, be or 0-63]:NAME|N: ' \
			'--mark=[mark for routing and filters (SO_MARK, privileged)]:N: ' \
			'--linger=[closing waits N seconds for unsent bytes; 0 resets (SO_LINGER)]:N: ' \
			'--fastopen[send bytes along with the first packet (TCP Fast Open)]' \
			'--mptcp[several paths at once (Multipath TCP)]' \
			'--congestion=[congestion control\: reno, cubic, bbr, as the kernel has them]:NAME: ' \
			'--user-timeout=[give up on bytes unacknowledged for TIME]:TIME: ' \
			'*--sockopt=[any option of socket(7) tcp(7) ip(7) ipv6(7) by name]:NAME=VALUE: ' \
			'--tls[encrypt, as a tls\:// endpoint does]' \
			'*--cert=[our certificate (PEM), then its chain]:F:_files' \
			'*--key=[private key of --cert, unless that file holds it]:F:_files' \
			'--key-passfile=[file with the passphrase of the key]:F:_files' \
			'--secret=[both sides proven by a secret, no certificates]:F:_files' \
			'--crl=[revoked certificates (PEM)]:F:_files' \
			'--alpn=[application protocols, the preferred one first]:LIST: ' \
			'--tls-min=[oldest version accepted]:VERSION:(1.2 1.3)' \
			'--tls-max=[newest version offered]:VERSION:(1.2 1.3)' \
			'--ciphers=[ciphers by OpenSSL'\''s names, those of TLS 1.3 too]:LIST: ' \
			'--groups=[key exchange groups]:LIST: ' \
			'--keylog=[append session keys for Wireshark (also by SSLKEYLOGFILE)]:F:_files' \
			'--limit-rate=[at most RATE bytes a second, each way]:RATE: ' \
			'--limit-rate-up=[the same for what is sent]:RATE: ' \
			'--limit-rate-down=[the same for what is received]:RATE: ' \
			'--record=[what passes, decrypted, as pcapng for Wireshark; as text when F ends in .jsonl]:F:_files' \
			'--hex=[what passes as a hex dump with direction, offset, time; - is standard error]:F:_files' \
			'(-w --timeout)'{-w+,--timeout=}'[give up when not open after TIME]:TIME: ' \
			'(-s --source)'{-s+,--source=}'[connect from this local address]:ADDR\[\:PORT\]: ' \
			'--insecure[go on with a certificate that is not trusted]' \
			'--ca=[certificates to trust]:FILE|DIR:_files' \
			'--servername=[server name to ask for (SNI); "" asks for none]:NAME: ' \
			'--verify-name=[name that the certificate must be for]:NAME: ' \
			'--pin=[the peer'\''s public key must be this\: sha256//BASE64, several with ";" between]:PIN: ' \
			'--tofu=[trust on first use\: keep the peer'\''s key in F, insist on it from then on]:F:_files' \
			'*'{-x+,--proxy=}'[go through this proxy; repeat for a chain]:URL: ' \
			'--proxy-auth=[who we are for the proxy that has no user in its URL]:@FILE|USER\:PASSWORD: ' \
			'--proxy-dns=[who resolves names\: the proxy, or we]:WHERE:(remote local)' \
			'--noproxy=[hosts to reach directly\: names, .suffixes, addresses, CIDR, each with \:PORT or without; *]:LIST: ' \
			'(-h --help)'{-h,--help}'[show the common options]' \
			'--help-all[show every option]' \
			'*:host:_hosts'
		;;
	help)
		_arguments -s -S \
			'--man[the manual, for man -l -]' \
			'--completion=[the completion script of a shell]:SHELL:(bash zsh fish)' \
			'(-h --help)'{-h,--help}'[show the common options]' \
			'--help-all[show every option]' \
			'*:command:{_describe command commands}'
		;;
	esac
}

_sockutil "$@"
