/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_OPEN_PROXY_H
#define SOCKUTIL_STREAM_OPEN_PROXY_H
/*
 * A part of stream/open.h: the way through a chain of proxies. It is driven one layer at a time:
 * open_proxy_next() puts one over the stream, the caller shakes hands (stream_open) and comes back,
 * until it says that all proxies are behind.
 */
#include <sockutil/net/resolve.h>
#include <sockutil/stream/open.h>

enum open_proxy_stage {
	OPEN_PROXY_DIAL, /* the first one */
	OPEN_PROXY_TLS,  /* with an https proxy */
	OPEN_PROXY_NAME, /* what is asked for is resolved here */
	OPEN_PROXY_TALK,
};

/* Zeroed: no proxies. */
struct open_proxy {
	const struct stream_open_request *request;
	size_t hop, count; /* hop == count: all are behind */
	enum open_proxy_stage stage;
	const struct tls_api *tls;    /* NULL: no https proxy */
	struct tls_context **context; /* the request's, or own */
	struct tls_context *own;      /* layers made from it outlive it */
	struct resolve *resolve;
	int port;               /* of what this hop is asked for */
	struct address address; /* as resolved here; length 0: none yet */
	unsigned refused;       /* addresses that may not be asked for */
	bool resolved;
	struct failure unresolved; /* of the last family that had none */
	void (*named)(void *data); /* open_proxy_next() can go on */
	void *data;
};

/* named is called from the loop. request is borrowed. */
void open_proxy_init(struct open_proxy *p, const struct stream_open_request *request,
		     void (*named)(void *data), void *data);
/* What is dialled first: the first proxy, or the endpoint. */
const struct endpoint *open_proxy_first(const struct open_proxy *p);
/* Loads what https proxies need. */
bool open_proxy_load(struct open_proxy *p, struct failure *why);

/* IO_AGAIN: *stream has a new top, shake hands and come back. IO_END: wait for named. IO_DONE: all
 * proxies are behind. */
enum io open_proxy_next(struct open_proxy *p, struct stream **stream, struct failure *why);

/* Puts the proxy's name to what failed on the way; nothing once all are behind. */
void open_proxy_blame(const struct open_proxy *p, struct failure *why);
/* "the proxy p:1080 has not answered": what is under way, but for the dial. */
void open_proxy_pending(const struct open_proxy *p, struct failure *why);
/* Ends what is under way and frees what p holds. */
void open_proxy_stop(struct open_proxy *p);
#endif
