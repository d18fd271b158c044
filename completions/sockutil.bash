# bash completion for sockutil, made by: sockutil help --completion bash

_sockutil_offer()
{
	local reply

	while IFS= read -r reply; do
		COMPREPLY+=("$reply")
	done < <(compgen "$@")
}

_sockutil_files()
{
	compopt -o filenames 2>/dev/null
	_sockutil_offer -f -- "$1"
}

_sockutil()
{
	local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	# --name=VALUE comes as three words
	if [[ $current == = ]]; then
		current=
	elif [[ $option == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if ((COMP_CWORD == 1)); then
		_sockutil_offer -W 'connect serve get chat help --help --version' -- "$current"
		return
	fi
	case ${COMP_WORDS[1]}\ $option in
	connect\ --framing)
		_sockutil_offer -W 'chunk line length' -- "$current"
		return
		;;
	connect\ --digest)
		_sockutil_offer -W 'none sha256 sha512 sha1 md5' -- "$current"
		return
		;;
	connect\ --info)
		_sockutil_offer -W 'none text json' -- "$current"
		return
		;;
	connect\ --starttls)
		_sockutil_offer -W 'none smtp imap pop3 ftp xmpp ldap postgres mysql nntp sieve' -- "$current"
		return
		;;
	connect\ --ws-framing)
		_sockutil_offer -W 'chunk line' -- "$current"
		return
		;;
	connect\ --color)
		_sockutil_offer -W 'auto always never' -- "$current"
		return
		;;
	connect\ --tls-min)
		_sockutil_offer -W '1.2 1.3' -- "$current"
		return
		;;
	connect\ --tls-max)
		_sockutil_offer -W '1.2 1.3' -- "$current"
		return
		;;
	connect\ --proxy-dns)
		_sockutil_offer -W 'remote local' -- "$current"
		return
		;;
	serve\ --responder)
		_sockutil_offer -W 'echo time greet prefix reverse discard chargen daytime qotd' -- "$current"
		return
		;;
	serve\ --framing)
		_sockutil_offer -W 'chunk line length' -- "$current"
		return
		;;
	serve\ --stderr)
		_sockutil_offer -W 'inherit connection log' -- "$current"
		return
		;;
	serve\ --send-proxy)
		_sockutil_offer -W '1 2' -- "$current"
		return
		;;
	serve\ --gateway)
		_sockutil_offer -W 'http socks both' -- "$current"
		return
		;;
	serve\ --accept-proxy)
		_sockutil_offer -W 'require detect' -- "$current"
		return
		;;
	serve\ --client-cert)
		_sockutil_offer -W 'required optional' -- "$current"
		return
		;;
	serve\ --color)
		_sockutil_offer -W 'auto always never' -- "$current"
		return
		;;
	serve\ --tls-min)
		_sockutil_offer -W '1.2 1.3' -- "$current"
		return
		;;
	serve\ --tls-max)
		_sockutil_offer -W '1.2 1.3' -- "$current"
		return
		;;
	serve\ --proxy-dns)
		_sockutil_offer -W 'remote local' -- "$current"
		return
		;;
	get\ --info)
		_sockutil_offer -W 'none json' -- "$current"
		return
		;;
	get\ --progress)
		_sockutil_offer -W 'auto bar line json none' -- "$current"
		return
		;;
	get\ --color)
		_sockutil_offer -W 'auto always never' -- "$current"
		return
		;;
	get\ --tls-min)
		_sockutil_offer -W '1.2 1.3' -- "$current"
		return
		;;
	get\ --tls-max)
		_sockutil_offer -W '1.2 1.3' -- "$current"
		return
		;;
	get\ --proxy-dns)
		_sockutil_offer -W 'remote local' -- "$current"
		return
		;;
	chat\ --slow)
		_sockutil_offer -W 'kick drop' -- "$current"
		return
		;;
	chat\ --accept-proxy)
		_sockutil_offer -W 'require detect' -- "$current"
		return
		;;
	chat\ --client-cert)
		_sockutil_offer -W 'required optional' -- "$current"
		return
		;;
	chat\ --color)
		_sockutil_offer -W 'auto always never' -- "$current"
		return
		;;
	chat\ --tls-min)
		_sockutil_offer -W '1.2 1.3' -- "$current"
		return
		;;
	chat\ --tls-max)
		_sockutil_offer -W '1.2 1.3' -- "$current"
		return
		;;
	chat\ --proxy-dns)
		_sockutil_offer -W 'remote local' -- "$current"
		return
		;;
	help\ --completion)
		_sockutil_offer -W 'bash zsh fish' -- "$current"
		return
		;;
	connect\ --input | \
		connect\ --output | connect\ -o | \
		connect\ --log-file | \
		connect\ --cert | \
		connect\ --key | \
		connect\ --key-passfile | \
		connect\ --secret | \
		connect\ --crl | \
		connect\ --keylog | \
		connect\ --record | \
		connect\ --hex | \
		connect\ --ca | \
		connect\ --tofu | \
		serve\ --send-file | \
		serve\ --ca | \
		serve\ --tofu | \
		serve\ --files | \
		serve\ --client-ca | \
		serve\ --port-file | \
		serve\ --pidfile | \
		serve\ --log-file | \
		serve\ --cert | \
		serve\ --key | \
		serve\ --key-passfile | \
		serve\ --secret | \
		serve\ --crl | \
		serve\ --keylog | \
		serve\ --record | \
		serve\ --hex | \
		get\ --output | get\ -o | \
		get\ --directory | get\ -P | \
		get\ --etag | \
		get\ --dump-header | get\ -D | \
		get\ --trace | \
		get\ --upload | get\ -T | \
		get\ --cookie-jar | get\ -j | \
		get\ --input-file | \
		get\ --unix-socket | \
		get\ --log-file | \
		get\ --cert | \
		get\ --key | \
		get\ --key-passfile | \
		get\ --secret | \
		get\ --crl | \
		get\ --keylog | \
		get\ --record | \
		get\ --hex | \
		get\ --ca | \
		get\ --tofu | \
		chat\ --log | \
		chat\ --directory | \
		chat\ --client-ca | \
		chat\ --port-file | \
		chat\ --pidfile | \
		chat\ --log-file | \
		chat\ --cert | \
		chat\ --key | \
		chat\ --key-passfile | \
		chat\ --secret | \
		chat\ --crl | \
		chat\ --keylog | \
		chat\ --record | \
		chat\ --hex | \
		chat\ --ca | \
		chat\ --tofu)
		_sockutil_files "$current"
		return
		;;
	connect\ --exec | connect\ -e | \
		serve\ --exec | serve\ -e)
		_sockutil_offer -c -- "$current"
		return
		;;
	connect\ --send | \
		connect\ --prompt | \
		connect\ --reply-label | \
		connect\ --max-message | \
		connect\ --quit-after | \
		connect\ --retry | \
		connect\ --retry-delay | \
		connect\ --preamble | \
		connect\ --send-proxy | \
		connect\ --shell | connect\ -c | \
		connect\ --ws-header | \
		connect\ --ws-subprotocol | \
		connect\ --ws-ping | \
		connect\ --jobs | \
		connect\ --idle-timeout | \
		connect\ --max-time | \
		connect\ --interface | \
		connect\ --rcvbuf | \
		connect\ --sndbuf | \
		connect\ --ttl | \
		connect\ --dscp | \
		connect\ --mark | \
		connect\ --linger | \
		connect\ --congestion | \
		connect\ --user-timeout | \
		connect\ --sockopt | \
		connect\ --alpn | \
		connect\ --ciphers | \
		connect\ --groups | \
		connect\ --limit-rate | \
		connect\ --limit-rate-up | \
		connect\ --limit-rate-down | \
		connect\ --timeout | connect\ -w | \
		connect\ --source | connect\ -s | \
		connect\ --servername | \
		connect\ --verify-name | \
		connect\ --pin | \
		connect\ --proxy | connect\ -x | \
		connect\ --proxy-auth | \
		connect\ --noproxy | \
		serve\ --reply | \
		serve\ --banner | \
		serve\ --delay | \
		serve\ --quit | \
		serve\ --max-message | \
		serve\ --save | \
		serve\ --shell | serve\ -c | \
		serve\ --max-children | \
		serve\ --forward | \
		serve\ --timeout | serve\ -w | \
		serve\ --source | serve\ -s | \
		serve\ --servername | \
		serve\ --verify-name | \
		serve\ --pin | \
		serve\ --ws-subprotocol | \
		serve\ --ws-origin | \
		serve\ --ws-ping | \
		serve\ --ws-max-message | \
		serve\ --max-size | \
		serve\ --auth | \
		serve\ --gateway-auth | \
		serve\ --accept | \
		serve\ --max-conns | \
		serve\ --workers | \
		serve\ --grace | \
		serve\ --max-conns-per-ip | \
		serve\ --conn-rate | \
		serve\ --backlog | \
		serve\ --allow | \
		serve\ --deny | \
		serve\ --handshake-timeout | \
		serve\ --ready-fd | \
		serve\ --mode | \
		serve\ --user | \
		serve\ --metrics | \
		serve\ --idle-timeout | \
		serve\ --max-time | \
		serve\ --interface | \
		serve\ --rcvbuf | \
		serve\ --sndbuf | \
		serve\ --ttl | \
		serve\ --dscp | \
		serve\ --mark | \
		serve\ --linger | \
		serve\ --congestion | \
		serve\ --user-timeout | \
		serve\ --sockopt | \
		serve\ --alpn | \
		serve\ --ciphers | \
		serve\ --groups | \
		serve\ --limit-rate | \
		serve\ --limit-rate-up | \
		serve\ --limit-rate-down | \
		serve\ --proxy | serve\ -x | \
		serve\ --proxy-auth | \
		serve\ --noproxy | \
		get\ --checksum | \
		get\ --request | get\ -X | \
		get\ --header | get\ -H | \
		get\ --data | get\ -d | \
		get\ --data-json | \
		get\ --form | get\ -F | \
		get\ --user | get\ -u | \
		get\ --bearer | \
		get\ --user-agent | get\ -A | \
		get\ --referer | get\ -e | \
		get\ --cookie | get\ -b | \
		get\ --range | get\ -r | \
		get\ --max-redirects | \
		get\ --retry | \
		get\ --retry-delay | \
		get\ --retry-max-time | \
		get\ --jobs | \
		get\ --segments | \
		get\ --max-size | \
		get\ --min-rate | \
		get\ --resolve | \
		get\ --connect-to | \
		get\ --idle-timeout | \
		get\ --max-time | \
		get\ --interface | \
		get\ --rcvbuf | \
		get\ --sndbuf | \
		get\ --ttl | \
		get\ --dscp | \
		get\ --mark | \
		get\ --linger | \
		get\ --congestion | \
		get\ --user-timeout | \
		get\ --sockopt | \
		get\ --alpn | \
		get\ --ciphers | \
		get\ --groups | \
		get\ --limit-rate | \
		get\ --limit-rate-up | \
		get\ --limit-rate-down | \
		get\ --timeout | get\ -w | \
		get\ --source | get\ -s | \
		get\ --servername | \
		get\ --verify-name | \
		get\ --pin | \
		get\ --proxy | get\ -x | \
		get\ --proxy-auth | \
		get\ --noproxy | \
		chat\ --nick | chat\ -n | \
		chat\ --room | \
		chat\ --retry | \
		chat\ --retry-delay | \
		chat\ --max-size | \
		chat\ --history | \
		chat\ --max-members | \
		chat\ --grace | \
		chat\ --max-conns-per-ip | \
		chat\ --conn-rate | \
		chat\ --backlog | \
		chat\ --allow | \
		chat\ --deny | \
		chat\ --handshake-timeout | \
		chat\ --ready-fd | \
		chat\ --mode | \
		chat\ --user | \
		chat\ --metrics | \
		chat\ --interface | \
		chat\ --rcvbuf | \
		chat\ --sndbuf | \
		chat\ --ttl | \
		chat\ --dscp | \
		chat\ --mark | \
		chat\ --linger | \
		chat\ --congestion | \
		chat\ --user-timeout | \
		chat\ --sockopt | \
		chat\ --alpn | \
		chat\ --ciphers | \
		chat\ --groups | \
		chat\ --limit-rate | \
		chat\ --limit-rate-up | \
		chat\ --limit-rate-down | \
		chat\ --timeout | chat\ -w | \
		chat\ --source | chat\ -s | \
		chat\ --servername | \
		chat\ --verify-name | \
		chat\ --pin | \
		chat\ --proxy | chat\ -x | \
		chat\ --proxy-auth | \
		chat\ --noproxy)
		return
		;;
	esac
	case ${COMP_WORDS[1]}\ $current in
	connect\ -*)
		_sockutil_offer -W '--send --prompt --reply-label --framing --max-message -N --no-half-close --recv-only --send-only --quit-after --keep-sending --wait --retry --retry-delay --reconnect -C --crlf --preamble --send-proxy --input -o --output --append --progress --digest --info --edit --show-cert --ignore-int --starttls --telnet -e --exec -c --shell --pty --ws-text --ws-framing --ws-header --ws-subprotocol --ws-ping -z --scan --all --json --jobs -4 --ipv4 -6 --ipv6 -v --verbose -q --quiet --log-json --log-file --color --stats --idle-timeout --max-time --interface --nodelay --keepalive --rcvbuf --sndbuf --ttl --dscp --mark --linger --fastopen --mptcp --congestion --user-timeout --sockopt --show-sockopts --tls --cert --key --key-passfile --secret --crl --alpn --tls-min --tls-max --ciphers --groups --keylog --limit-rate --limit-rate-up --limit-rate-down --record --hex -w --timeout -s --source --insecure --ca --servername --verify-name --pin --tofu -x --proxy --proxy-auth --proxy-dns --noproxy -h --help --help-all' -- "$current"
		;;
	connect\ *)
		_sockutil_offer -A hostname -- "$current"
		;;
	serve\ -*)
		_sockutil_offer -W '--reply --responder --banner --delay --quit --framing --max-message --send-file --save -e --exec -c --shell --pty --stderr --max-children --forward --send-proxy -w --timeout -s --source --ca --insecure --servername --verify-name --pin --tofu --broker --ws --ws-text --ws-subprotocol --ws-origin --ws-ping --ws-max-message --ws-no-deflate --files --upload --max-size --auth --spa --cors --no-listing --dotfiles --follow-symlinks --gateway --gateway-auth --allow-private -k --keep-open --once --accept --one-at-a-time --recv-only --send-only --max-conns --workers --grace --accept-proxy --max-conns-per-ip --conn-rate --backlog --allow --deny --handshake-timeout --client-ca --client-cert --port-file --ready-fd --mode --pidfile --user --metrics -4 --ipv4 -6 --ipv6 -v --verbose -q --quiet --log-json --log-file --color --stats --idle-timeout --max-time --interface --nodelay --keepalive --rcvbuf --sndbuf --ttl --dscp --mark --linger --fastopen --mptcp --congestion --user-timeout --sockopt --show-sockopts --tls --cert --key --key-passfile --secret --crl --alpn --tls-min --tls-max --ciphers --groups --keylog --limit-rate --limit-rate-up --limit-rate-down --record --hex -x --proxy --proxy-auth --proxy-dns --noproxy -h --help --help-all' -- "$current"
		;;
	serve\ *)
		_sockutil_offer -A hostname -- "$current"
		;;
	get\ -*)
		_sockutil_offer -W '-o --output -O --remote-name -J --remote-header-name -P --directory --create-dirs --no-clobber -C --continue --newer --etag --checksum -i --include -I --head -D --dump-header --trace --timing --info --progress --body-on-error --no-fail -X --request -H --header -d --data --data-json -F --form -T --upload -G --get -u --user --bearer --netrc -A --user-agent -e --referer -b --cookie -j --cookie-jar -r --range --compressed --http1.0 --http1.1 --http2 -L --follow --no-follow --max-redirects --allow-downgrade --retry --retry-delay --retry-max-time -Z --parallel --jobs --input-file --segments --max-size --min-rate --resolve --connect-to --unix-socket -k --insecure -4 --ipv4 -6 --ipv6 -v --verbose -q --quiet --log-json --log-file --color --stats --idle-timeout --max-time --interface --nodelay --keepalive --rcvbuf --sndbuf --ttl --dscp --mark --linger --fastopen --mptcp --congestion --user-timeout --sockopt --cert --key --key-passfile --secret --crl --alpn --tls-min --tls-max --ciphers --groups --keylog --limit-rate --limit-rate-up --limit-rate-down --record --hex -w --timeout -s --source --ca --servername --verify-name --pin --tofu -x --proxy --proxy-auth --proxy-dns --noproxy -h --help --help-all' -- "$current"
		;;
	get\ *)
		_sockutil_offer -A hostname -- "$current"
		;;
	chat\ -*)
		_sockutil_offer -W '-l --listen -n --nick --room --simple --reconnect --retry --retry-delay --bell --no-edit --log --directory --max-size --headless --history --max-members --slow --grace --accept-proxy --max-conns-per-ip --conn-rate --backlog --allow --deny --handshake-timeout --client-ca --client-cert --port-file --ready-fd --mode --pidfile --user --metrics -4 --ipv4 -6 --ipv6 -v --verbose -q --quiet --log-json --log-file --color --interface --nodelay --keepalive --rcvbuf --sndbuf --ttl --dscp --mark --linger --fastopen --mptcp --congestion --user-timeout --sockopt --tls --cert --key --key-passfile --secret --crl --alpn --tls-min --tls-max --ciphers --groups --keylog --limit-rate --limit-rate-up --limit-rate-down --record --hex -w --timeout -s --source --insecure --ca --servername --verify-name --pin --tofu -x --proxy --proxy-auth --proxy-dns --noproxy -h --help --help-all' -- "$current"
		;;
	chat\ *)
		_sockutil_offer -A hostname -- "$current"
		;;
	help\ -*)
		_sockutil_offer -W '--man --completion -h --help --help-all' -- "$current"
		;;
	help\ *)
		_sockutil_offer -W 'connect serve get chat help' -- "$current"
		;;
	esac
}
complete -F _sockutil sockutil
