
/*
 * hit SOCKET REQUEST CONNECTIONS REQUESTS STATUS LENGTH
 *
 * Sends the bytes of the file REQUEST so many times over connections that are
 * kept, one at a time on each, and prints the nanoseconds from the first
 * request to the last byte.  Each answer must have that STATUS and a
 * Content-Length of LENGTH (with 304: no body, whatever it says): anything
 * else ends it with a message and status 1.
 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>


#define MAX_CONNECTIONS  256
#define MAX_HEAD         8192
#define MAX_REQUEST      4096
#define READ             (256 * 1024)


typedef struct {
    int          fd;
    uint64_t     left;                 /* of the body; 0: a head is awaited */
    size_t       nhead;
    char         head[MAX_HEAD];
} connection_t;


typedef struct {
    char         request[MAX_REQUEST];
    size_t       len;                  /* of request */
    unsigned     connections;
    uint64_t     requests;             /* to make in all */
    unsigned     status;               /* that each answer must have, */
    uint64_t     length;               /*   and its body's bytes */
    uint64_t     sent;
    uint64_t     done;
    int          epoll;
} load_t;


static connection_t  connections[MAX_CONNECTIONS];
static char          buffer[READ];


static void fail(const char *what, const char *why);
static void read_request(load_t *load, const char *name);
static void open_all(load_t *load, const char *name);
static int open_one(const char *name);
static void run(load_t *load);
static void ask(load_t *load, connection_t *c);
static void receive(load_t *load, connection_t *c);
static size_t take_head(load_t *load, connection_t *c, const char *p,
    size_t n);
static void check(load_t *load, const char *head);


int
main(int argc, char **argv)
{
    load_t  load;

    memset(&load, 0, sizeof(load_t));

    if (argc != 7) {
        fprintf(stderr, "usage: hit SOCKET REQUEST CONNECTIONS REQUESTS "
                        "STATUS LENGTH\n");
        return 2;
    }

    load.connections = (unsigned) strtoul(argv[3], NULL, 10);
    load.requests = strtoull(argv[4], NULL, 10);
    load.status = (unsigned) strtoul(argv[5], NULL, 10);
    load.length = strtoull(argv[6], NULL, 10);

    if (load.connections == 0 || load.connections > MAX_CONNECTIONS) {
        fail("connections", "1 to 256");
    }

    read_request(&load, argv[2]);
    open_all(&load, argv[1]);
    run(&load);

    return 0;
}


static void
fail(const char *what, const char *why)
{
    fprintf(stderr, "hit: %s: %s\n", what, why);
    exit(1);
}


static void
read_request(load_t *load, const char *name)
{
    FILE  *file;

    file = fopen(name, "rb");
    if (file == NULL) {
        fail(name, strerror(errno));
    }

    load->len = fread(load->request, 1, MAX_REQUEST, file);
    fclose(file);

    if (load->len == 0 || load->len == MAX_REQUEST) {
        fail(name, "empty, or too long");
    }
}


static void
open_all(load_t *load, const char *name)
{
    unsigned             i;
    struct epoll_event   event;

    load->epoll = epoll_create1(0);

    for (i = 0; i < load->connections; i++) {
        connections[i].fd = open_one(name);

        event.events = EPOLLIN;
        event.data.ptr = &connections[i];

        if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, connections[i].fd, &event)
            != 0)
        {
            fail("epoll", strerror(errno));
        }
    }
}


static int
open_one(const char *name)
{
    int                 fd;
    struct sockaddr_un  sun;

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;

    if (strlen(name) >= sizeof(sun.sun_path)) {
        fail(name, "too long");
    }

    strcpy(sun.sun_path, name);

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd == -1
        || connect(fd, (struct sockaddr *) &sun, sizeof(sun)) != 0)
    {
        fail(name, strerror(errno));
    }

    return fd;
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


/* A request is small: the socket has room for it. */

static void
ask(load_t *load, connection_t *c)
{
    if (send(c->fd, load->request, load->len, MSG_NOSIGNAL)
        != (ssize_t) load->len)
    {
        fail("send", strerror(errno));
    }

    load->sent++;
}


static void
receive(load_t *load, connection_t *c)
{
    size_t   taken;
    ssize_t  n;

    n = recv(c->fd, buffer, READ, MSG_DONTWAIT);

    if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }

    if (n <= 0) {
        fail("read", n == 0 ? "closed too early" : strerror(errno));
    }

    taken = 0;

    if (c->left == 0) {
        taken = take_head(load, c, buffer, (size_t) n);

        if (c->nhead != 0) {
            return;
        }

        c->left = load->status == 304 ? 0 : load->length;
    }

    if ((size_t) n - taken > c->left) {
        fail("answer", "longer than it says");
    }

    c->left -= (size_t) n - taken;

    if (c->left != 0) {
        return;
    }

    load->done++;

    if (load->sent < load->requests) {
        ask(load, c);
    }
}


/* Returns how much of n bytes belongs to the head; c->nhead is 0 when it is
   complete. */

static size_t
take_head(load_t *load, connection_t *c, const char *p, size_t n)
{
    char    *end;
    size_t   had;

    had = c->nhead;

    if (n > MAX_HEAD - 1 - had) {
        n = MAX_HEAD - 1 - had;
    }

    memcpy(c->head + had, p, n);
    c->nhead += n;
    c->head[c->nhead] = '\0';

    end = strstr(c->head, "\r\n\r\n");

    if (end == NULL) {
        if (c->nhead == MAX_HEAD - 1) {
            fail("head", "too long");
        }

        return n;
    }

    end[2] = '\0';
    check(load, c->head);
    c->nhead = 0;

    return (size_t) (end + 4 - c->head) - had;
}


static void
check(load_t *load, const char *head)
{
    const char  *length;

    if (strncmp(head, "HTTP/1.1 ", 9) != 0
        || strtoul(head + 9, NULL, 10) != load->status)
    {
        fail("answer", head);
    }

    if (load->status == 304) {
        return;
    }

    length = strcasestr(head, "\r\nContent-Length:");

    if (length == NULL
        || strtoull(length + sizeof("\r\nContent-Length:") - 1, NULL, 10)
           != load->length)
    {
        fail("length", head);
    }
}
