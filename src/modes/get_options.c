/* SPDX-License-Identifier: MIT */
/* src/modes/get_options.c - `sockutil get`: examples, and what wget's and curl's options are here.
 */
#include <stddef.h>

#include <sockutil/modes/get_options.h>

const char *const get_examples[] = {
	"sockutil get www.example.org",
	"a page to standard output",
	"sockutil get -i -o page.html www.example.org",
	"show the head, save the body",
	"sockutil get -C -O https://host/disk.iso",
	"a large file; again, to go on",
	"sockutil get -d name=value https://host/form",
	"send a form",
	"sockutil get -Z -P mirror --input-file urls.txt https://host/index.html",
	"many files at once, over few connections",
	"sockutil get --resolve www.example.org:80:127.0.0.1 www.example.org",
	"a site at another address",
	"sockutil get --timing -o /dev/null https://www.example.org/",
	"where the time goes",
	NULL,
};

const char get_hints[] =
	"-c\0-c is wget's; write it as -C (--continue): sockutil get -C {operands}\0"
	"-f\0-f is curl's, and always on: status 400 or above is exit status 22 and leaves no "
	"file\0"
	"--fail\0--fail is always on: status 400 or above is exit status 22 and leaves no file\0"
	"--fail-with-body\0write it as --body-on-error\0"
	"-S\0-S is curl's, and always on: errors are shown, with --quiet too\0"
	"--show-error\0--show-error is always on: errors are shown, with --quiet too\0"
	"--silent\0write it as --quiet (-q); --progress none hides the bar alone\0"
	"--no-progress-meter\0write it as --progress none\0"
	"-#\0-# is curl's; write it as --progress bar\0"
	"--progress-bar\0write it as --progress bar\0"
	"--show-progress\0write it as --progress bar\0"
	"-m\0-m is curl's; write it as --max-time\0"
	"--connect-timeout\0write it as --timeout (-w): names, TCP and TLS together\0"
	"--read-timeout\0write it as --idle-timeout\0"
	"--location\0redirects are followed already: -L (--follow) says so, --no-follow does "
	"not\0"
	"--location-trusted\0passwords never go to another host; give the right URL at once\0"
	"--max-redirs\0write it as --max-redirects\0"
	"--max-redirect\0write it as --max-redirects\0"
	"--max-filesize\0write it as --max-size\0"
	"--continue-at\0write it as --continue (-C), without a number: what is there says where\0"
	"--output-dir\0write it as --directory (-P)\0"
	"--directory-prefix\0write it as --directory (-P)\0"
	"--output-document\0write it as --output (-o)\0"
	"--remote-name-all\0write it as --remote-name (-O): it is for every URL that has no -o\0"
	"--remote-time\0a file gets the server's time with --newer\0"
	"-R\0-R is curl's; a file gets the server's time with --newer\0"
	"--content-disposition\0write it as --remote-header-name (-J)\0"
	"-N\0-N is wget's; write it as --newer\0"
	"--timestamping\0write it as --newer\0"
	"--no-buffer\0what comes is written at once already\0"
	"-U\0-U is curl's; write it as --proxy-auth\0"
	"--proxy-user\0write it as --proxy-auth\0"
	"--proxytunnel\0an HTTP proxy gets http URLs itself, and a tunnel for https\0"
	"--socks4\0write it as -x socks4://HOST:PORT\0"
	"--socks4a\0write it as -x socks4a://HOST:PORT\0"
	"--socks5\0write it as -x socks5://HOST:PORT --proxy-dns local\0"
	"--socks5-hostname\0write it as -x socks5h://HOST:PORT\0"
	"--preproxy\0repeat -x: the first one is nearest to us\0"
	"-n\0-n is curl's; write it as --netrc\0"
	"--netrc-file\0write it as --netrc=FILE\0"
	"--json\0write it as --data-json\0"
	"--data-raw\0write it as --data: @ in front of a file's name is the only sign that "
	"counts\0"
	"--data-ascii\0write it as --data\0"
	"--data-binary\0write it as --data: newlines are kept\0"
	"--data-urlencode\0encode it yourself and write it as --data, or send it as --form\0"
	"--post-data\0write it as --data\0"
	"--post-file\0write it as --data @FILE\0"
	"--body-data\0write it as --data\0"
	"--body-file\0write it as --upload FILE, or --data @FILE\0"
	"--method\0write it as --request (-X)\0"
	"--form-string\0write it as --form\0"
	"--upload-file\0write it as --upload (-T)\0"
	"--oauth2-bearer\0write it as --bearer\0"
	"--http-user\0write it as --user NAME:PASSWORD\0"
	"--http-password\0write it as --user NAME:PASSWORD\0"
	"--basic\0the server says whether Basic or Digest is wanted; just --user\0"
	"--digest\0the server says whether Basic or Digest is wanted; just --user\0"
	"--anyauth\0the server says whether Basic or Digest is wanted; just --user\0"
	"--load-cookies\0write it as --cookie FILE (-b)\0"
	"--save-cookies\0write it as --cookie-jar (-j)\0"
	"--save-headers\0write it as --include (-i), or --dump-header FILE\0"
	"--server-response\0write it as --include (-i), or --dump-header -\0"
	"--show-headers\0write it as --include (-i)\0"
	"-y\0-y is curl's; write it as --min-rate\0"
	"-Y\0-Y is curl's; write it as --min-rate\0"
	"--speed-limit\0write it as --min-rate\0"
	"-z\0-z is curl's; write it as --newer\0"
	"--time-cond\0write it as --newer\0"
	"--etag-save\0write it as --etag FILE, which reads and writes it\0"
	"--etag-compare\0write it as --etag FILE, which reads and writes it\0"
	"--parallel-max\0write it as --jobs\0"
	"--cacert\0write it as --ca\0"
	"--capath\0write it as --ca\0"
	"--ca-certificate\0write it as --ca\0"
	"--no-check-certificate\0write it as --insecure (-k)\0"
	"-E\0-E is curl's; write it as --cert\0"
	"--pass\0write it as --key-passfile FILE\0"
	"--pinnedpubkey\0write it as --pin\0"
	"--tlsv1.2\0write it as --tls-min 1.2, which is the default\0"
	"--tlsv1.3\0write it as --tls-min 1.3\0"
	"--abstract-unix-socket\0write it as --unix-socket @NAME\0"
	"--local-port\0write it as --source :PORT\0"
	"--bind-address\0write it as --source\0"
	"--tcp-nodelay\0write it as --nodelay\0"
	"-0\0-0 is curl's; write it as --http1.0\0"
	"--http2-prior-knowledge\0write it as --http2\0"
	"--trace-ascii\0write it as --trace\0"
	"--write-out\0write it as --info json, --timing, or --stats\0"
	"-a\0-a is curl's; files are whole or not there, so nothing is appended\0"
	"--tls\0the URL says it: write it as https://\0"
	"--show-sockopts\0connect shows them: sockutil connect --show-sockopts HOST PORT\0"
	"--show-cert\0connect shows them: sockutil connect --tls --show-cert HOST 443\0"
	"--url\0URLs are written without an option: sockutil get {operands}\0"
	"\0";
