
/*
 * load SOCKET PATH CONNECTIONS REQUESTS LENGTH
 *
 * Asks an nginx for a page so many times over connections that are kept, each
 * with one request at a time, and prints the nanoseconds from the first
 * request to the last byte.  Every answer must be a 200 with a body of LENGTH
 * bytes: anything else ends it with a message and status 1.
 *
 * load --hold SOCKET PATH CONNECTIONS
 *
 * Asks once on each connection, reads what comes, prints the bytes of bodies
 * got so far for each line read from stdin, and ends with its stdin.
 *
 *     connection   HEAD --> LENGTH ---------------------------> HEAD
 *                       \-> SIZE <-> DATA --> (size 0) TRAILER -/
 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "client.h"


#define MAX_HEAD         8192
#define READ             (256 * 1024)
#define STDIN            CLIENT_CONNECTIONS   /* its number */


typedef enum {
    HEAD = 0,                          /* up to the empty line */
    LENGTH,                            /* a body of known length */
    SIZE,                              /* the line that begins a chunk */
    DATA,                              /* a chunk, and the line's end */
    TRAILER                            /* the empty line of the last chunk */
} state_e;


typedef struct {
    state_e     state;
    char        head[MAX_HEAD];
    size_t      nhead;
    uint64_t    left;                  /* of the body, or of the chunk */
    uint64_t    body;                  /* bytes of it so far */
} connection_t;


typedef struct {
    client_t    client;
    uint64_t    length;                /* a body's; 0: any */
    uint64_t    bytes;
} load_t;


static connection_t  connections[CLIENT_CONNECTIONS];
static char          buffer[READ];


static void make_request(client_t *client, const char *path);
static void receive(void *data, unsigned i);
static const char *parse(load_t *load, unsigned i, const char *p,
    const char *last);
static const char *parse_head(connection_t *c, const char *p,
    const char *last);
static const char *parse_line(connection_t *c, const char *p,
    const char *last);
static const char *skip(load_t *load, connection_t *c, const char *p,
    const char *last);
static void finish(load_t *load, unsigned i);
static void hold(load_t *load);


int
main(int argc, char **argv)
{
    int      held;
    load_t   load;

    memset(&load, 0, sizeof(load_t));

    held = argc == 5 && strcmp(argv[1], "--hold") == 0;

    if (!held && argc != 6) {
        fprintf(stderr,
                "usage: load SOCKET PATH CONNECTIONS REQUESTS LENGTH\n"
                "       load --hold SOCKET PATH CONNECTIONS\n");
        return 2;
    }

    argv += 1 + held;

    make_request(&load.client, argv[1]);
    load.client.connections = (unsigned) strtoul(argv[2], NULL, 10);

    if (!held) {
        load.client.requests = strtoull(argv[3], NULL, 10);
        load.length = strtoull(argv[4], NULL, 10);
    }

    client_open(&load.client, argv[0]);

    if (held) {
        hold(&load);

    } else {
        client_run(&load.client, receive, &load);
    }

    return 0;
}


static void
make_request(client_t *client, const char *path)
{
    client->len = (size_t) snprintf(client->request, CLIENT_REQUEST,
                                    "GET %s HTTP/1.1\r\n"
                                    "Host: bench\r\n\r\n", path);

    if (client->len >= CLIENT_REQUEST) {
        client_fail(path, "too long");
    }
}


static void
receive(void *data, unsigned i)
{
    load_t *load = data;

    size_t       n;
    const char  *p;

    n = client_read(&load->client, i, buffer, READ);

    for (p = buffer; p < buffer + n; /* void */) {
        p = parse(load, i, p, buffer + n);
    }
}


static const char *
parse(load_t *load, unsigned i, const char *p, const char *last)
{
    connection_t  *c;

    c = &connections[i];

    switch (c->state) {

    case HEAD:
        p = parse_head(c, p, last);
        break;

    case LENGTH:
        p = skip(load, c, p, last);

        if (c->left == 0) {
            finish(load, i);
        }

        break;

    case SIZE:
        p = parse_line(c, p, last);
        break;

    case DATA:
        p = skip(load, c, p, last);

        if (c->left == 0) {
            c->body -= 2;              /* the line's end is not of the body */
            load->bytes -= 2;
            c->state = SIZE;
            c->nhead = 0;
        }

        break;

    case TRAILER:
        p = parse_line(c, p, last);

        if (c->state == HEAD) {
            finish(load, i);
        }

        break;
    }

    return p;
}


static const char *
parse_head(connection_t *c, const char *p, const char *last)
{
    char  *end, *length;

    while (p < last) {

        if (c->nhead == MAX_HEAD - 1) {
            client_fail("head", "too long");
        }

        c->head[c->nhead++] = *p++;

        if (c->nhead >= 4
            && memcmp(c->head + c->nhead - 4, "\r\n\r\n", 4) == 0)
        {
            break;
        }
    }

    c->head[c->nhead] = '\0';
    end = strstr(c->head, "\r\n\r\n");

    if (end == NULL) {
        return p;
    }

    if (strncmp(c->head, "HTTP/1.1 200 ", 13) != 0) {
        client_fail("answer", c->head);
    }

    c->body = 0;
    c->nhead = 0;

    length = strcasestr(c->head, "\r\nContent-Length:");

    if (length != NULL) {
        c->left = strtoull(length + sizeof("\r\nContent-Length:") - 1, NULL,
                           10);
        c->state = LENGTH;

        if (c->left == 0) {
            client_fail("answer", "empty");
        }

    } else if (strcasestr(c->head, "\r\nTransfer-Encoding: chunked")) {
        c->state = SIZE;

    } else {
        client_fail("answer", "neither a length nor chunks");
    }

    return p;
}


/* A chunk's size, or the empty line behind the last one. */

static const char *
parse_line(connection_t *c, const char *p, const char *last)
{
    while (p < last) {

        if (c->nhead == MAX_HEAD - 1) {
            client_fail("chunk", "too long a line");
        }

        c->head[c->nhead++] = *p++;

        if (c->head[c->nhead - 1] != '\n') {
            continue;
        }

        c->head[c->nhead] = '\0';
        c->nhead = 0;

        if (c->state == TRAILER) {
            c->state = HEAD;
            return p;
        }

        c->left = strtoull(c->head, NULL, 16);
        c->state = c->left != 0 ? DATA : TRAILER;
        c->left += 2;

        return p;
    }

    return p;
}


static const char *
skip(load_t *load, connection_t *c, const char *p, const char *last)
{
    uint64_t  n;

    n = (uint64_t) (last - p);
    n = n < c->left ? n : c->left;

    c->left -= n;
    c->body += n;
    load->bytes += n;

    return p + n;
}


static void
finish(load_t *load, unsigned i)
{
    char           why[64];
    connection_t  *c;

    c = &connections[i];

    if (load->length != 0 && c->body != load->length) {
        snprintf(why, sizeof(why), "%llu bytes instead of %llu",
                 (unsigned long long) c->body,
                 (unsigned long long) load->length);
        client_fail("body", why);
    }

    c->state = HEAD;
    c->nhead = 0;

    client_done(&load->client, i);
}


static void
hold(load_t *load)
{
    int                  i, n;
    char                 c;
    unsigned             k;
    struct epoll_event   event, events[CLIENT_CONNECTIONS + 1];

    event.events = EPOLLIN;
    event.data.u32 = STDIN;

    if (epoll_ctl(load->client.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event)
        != 0)
    {
        client_fail("stdin", strerror(errno));
    }

    for (k = 0; k < load->client.connections; k++) {
        client_ask(&load->client, k);
    }

    for ( ;; ) {
        n = epoll_wait(load->client.epoll, events, CLIENT_CONNECTIONS + 1, -1);

        for (i = 0; i < n; i++) {

            if (events[i].data.u32 != STDIN) {
                receive(load, events[i].data.u32);
                continue;
            }

            if (read(STDIN_FILENO, &c, 1) <= 0) {
                return;
            }

            if (c == '\n') {
                printf("%llu\n", (unsigned long long) load->bytes);
                fflush(stdout);
            }
        }
    }
}
