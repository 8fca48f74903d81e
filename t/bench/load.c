
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
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>


#define MAX_CONNECTIONS  1024
#define MAX_HEAD         8192
#define READ             (256 * 1024)


typedef enum {
    HEAD = 0,                          /* up to the empty line */
    LENGTH,                            /* a body of known length */
    SIZE,                              /* the line that begins a chunk */
    DATA,                              /* a chunk, and the line's end */
    TRAILER                            /* the empty line of the last chunk */
} state_e;


typedef struct {
    int         fd;
    state_e     state;
    char        head[MAX_HEAD];
    size_t      nhead;
    uint64_t    left;                  /* of the body, or of the chunk */
    uint64_t    body;                  /* bytes of it so far */
} connection_t;


typedef struct {
    const char *socket;
    char        request[1024];
    size_t      len;                   /* of request */
    unsigned    connections;
    uint64_t    requests;              /* to make in all */
    uint64_t    length;                /* a body's; 0: any */
    uint64_t    sent;
    uint64_t    done;
    uint64_t    bytes;
    int         epoll;
} load_t;


static connection_t  connections[MAX_CONNECTIONS];
static char          buffer[READ];


static void fail(const char *what, const char *why);
static void setup(load_t *load, const char *path);
static void ask(load_t *load, connection_t *c);
static void receive(load_t *load, connection_t *c);
static const char *parse(load_t *load, connection_t *c, const char *p,
    const char *last);
static const char *parse_head(connection_t *c, const char *p,
    const char *last);
static const char *parse_line(connection_t *c, const char *p,
    const char *last);
static const char *skip(load_t *load, connection_t *c, const char *p,
    const char *last);
static void finish(load_t *load, connection_t *c);
static void run(load_t *load);
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

    load.socket = argv[0];
    load.connections = (unsigned) strtoul(argv[2], NULL, 10);

    if (load.connections == 0 || load.connections > MAX_CONNECTIONS) {
        fail("connections", "1 to 1024");
    }

    if (!held) {
        load.requests = strtoull(argv[3], NULL, 10);
        load.length = strtoull(argv[4], NULL, 10);
    }

    setup(&load, argv[1]);

    if (held) {
        hold(&load);

    } else {
        run(&load);
    }

    return 0;
}


static void
fail(const char *what, const char *why)
{
    fprintf(stderr, "load: %s: %s\n", what, why);
    exit(1);
}


static void
setup(load_t *load, const char *path)
{
    unsigned             i;
    struct sockaddr_un   sun;
    struct epoll_event   event;

    load->len = (size_t) snprintf(load->request, sizeof(load->request),
                                  "GET %s HTTP/1.1\r\nHost: bench\r\n\r\n",
                                  path);

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;

    if (load->len >= sizeof(load->request)
        || strlen(load->socket) >= sizeof(sun.sun_path))
    {
        fail(path, "too long");
    }

    strcpy(sun.sun_path, load->socket);

    load->epoll = epoll_create1(0);

    for (i = 0; i < load->connections; i++) {
        connections[i].fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (connections[i].fd == -1
            || connect(connections[i].fd, (struct sockaddr *) &sun,
                       sizeof(sun)) != 0)
        {
            fail(load->socket, strerror(errno));
        }

        event.events = EPOLLIN;
        event.data.ptr = &connections[i];

        if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, connections[i].fd, &event)
            != 0)
        {
            fail("epoll", strerror(errno));
        }
    }
}


/* A request is small: the socket has room for it. */

static void
ask(load_t *load, connection_t *c)
{
    if (write(c->fd, load->request, load->len) != (ssize_t) load->len) {
        fail("write", strerror(errno));
    }

    load->sent++;
}


static void
receive(load_t *load, connection_t *c)
{
    ssize_t      n;
    const char  *p;

    n = recv(c->fd, buffer, READ, MSG_DONTWAIT);

    if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }

    if (n <= 0) {
        fail("read", n == 0 ? "closed too early" : strerror(errno));
    }

    for (p = buffer; p < buffer + n; /* void */) {
        p = parse(load, c, p, buffer + n);
    }
}


static const char *
parse(load_t *load, connection_t *c, const char *p, const char *last)
{
    switch (c->state) {

    case HEAD:
        p = parse_head(c, p, last);
        break;

    case LENGTH:
        p = skip(load, c, p, last);

        if (c->left == 0) {
            finish(load, c);
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
            finish(load, c);
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
            fail("head", "too long");
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
        fail("answer", c->head);
    }

    c->body = 0;
    c->nhead = 0;

    length = strcasestr(c->head, "\r\nContent-Length:");

    if (length != NULL) {
        c->left = strtoull(length + sizeof("\r\nContent-Length:") - 1, NULL,
                           10);
        c->state = LENGTH;

        if (c->left == 0) {
            fail("answer", "empty");
        }

    } else if (strcasestr(c->head, "\r\nTransfer-Encoding: chunked")) {
        c->state = SIZE;

    } else {
        fail("answer", "neither a length nor chunks");
    }

    return p;
}


/* A chunk's size, or the empty line behind the last one. */

static const char *
parse_line(connection_t *c, const char *p, const char *last)
{
    while (p < last) {

        if (c->nhead == MAX_HEAD - 1) {
            fail("chunk", "too long a line");
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
finish(load_t *load, connection_t *c)
{
    char  why[64];

    if (load->length != 0 && c->body != load->length) {
        snprintf(why, sizeof(why), "%llu bytes instead of %llu",
                 (unsigned long long) c->body,
                 (unsigned long long) load->length);
        fail("body", why);
    }

    c->state = HEAD;
    c->nhead = 0;
    load->done++;

    if (load->sent < load->requests) {
        ask(load, c);
    }
}


static void
run(load_t *load)
{
    int                  i, n;
    unsigned             k;
    struct timespec      start, end;
    struct epoll_event   events[MAX_CONNECTIONS];

    clock_gettime(CLOCK_MONOTONIC, &start);

    for (k = 0; k < load->connections && load->sent < load->requests; k++) {
        ask(load, &connections[k]);
    }

    while (load->done < load->requests) {
        n = epoll_wait(load->epoll, events, MAX_CONNECTIONS, 20000);

        if (n == 0 || (n == -1 && errno != EINTR)) {
            fail("epoll", n == 0 ? "nothing for 20 s" : strerror(errno));
        }

        for (i = 0; i < n; i++) {
            receive(load, events[i].data.ptr);
        }
    }

    clock_gettime(CLOCK_MONOTONIC, &end);

    printf("%lld\n", (long long) (end.tv_sec - start.tv_sec) * 1000000000
                     + (end.tv_nsec - start.tv_nsec));
}


static void
hold(load_t *load)
{
    int                  i, n;
    char                 c;
    unsigned             k;
    struct epoll_event   event, events[MAX_CONNECTIONS];

    event.events = EPOLLIN;
    event.data.ptr = NULL;             /* stdin */

    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0) {
        fail("stdin", strerror(errno));
    }

    for (k = 0; k < load->connections; k++) {
        ask(load, &connections[k]);
    }

    for ( ;; ) {
        n = epoll_wait(load->epoll, events, MAX_CONNECTIONS, -1);

        for (i = 0; i < n; i++) {

            if (events[i].data.ptr != NULL) {
                receive(load, events[i].data.ptr);
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
