
/*
 * origin SOCKET FOLDER
 *
 * The CMS of the measurements: answers each request for /NAME with the file
 * of that name, which it has read at its start, over connections that are
 * kept.  It writes as much at a time as the socket takes.
 *
 *     NAME.gz     is sent as gzip, whatever the request accepts
 *     half-NAME   is announced one byte longer than it is, so that the answer
 *                 stays open
 *
 * Ends when its stdin does.
 */

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>


#define MAX_PAGES    64
#define MAX_EVENTS   256
#define MAX_REQUEST  8192


typedef struct {
    char        *name;
    char         head[512];
    size_t       nhead;
    char        *body;
    size_t       nbody;
} page_t;


typedef struct {
    int          fd;
    char         request[MAX_REQUEST];
    size_t       len;
    page_t      *page;                 /* that is being sent */
    size_t       sent;                 /* of its head and body */
} connection_t;


static page_t    pages[MAX_PAGES];
static unsigned  npages;


static void fail(const char *what, const char *why);
static void load(const char *folder);
static void load_page(const char *folder, const char *name);
static int listen_on(const char *name);
static void watch(int epoll, int op, int fd, uint32_t events, void *data);
static void take(int epoll, int fd);
static int serve(connection_t *c);
static page_t *find(const char *request);


int
main(int argc, char **argv)
{
    int                  i, n, fd, epoll;
    connection_t        *c;
    struct epoll_event   events[MAX_EVENTS];

    if (argc != 3) {
        fprintf(stderr, "usage: origin SOCKET FOLDER\n");
        return 2;
    }

    load(argv[2]);

    epoll = epoll_create1(0);
    fd = listen_on(argv[1]);

    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, &fd);
    watch(epoll, EPOLL_CTL_ADD, STDIN_FILENO, EPOLLIN, NULL);

    for ( ;; ) {
        n = epoll_wait(epoll, events, MAX_EVENTS, -1);

        for (i = 0; i < n; i++) {

            if (events[i].data.ptr == NULL) {
                return 0;
            }

            if (events[i].data.ptr == &fd) {
                take(epoll, fd);
                continue;
            }

            c = events[i].data.ptr;

            if (serve(c) != 0) {
                close(c->fd);
                free(c);
                continue;
            }

            watch(epoll, EPOLL_CTL_MOD, c->fd,
                  c->page != NULL ? EPOLLOUT : EPOLLIN, c);
        }
    }
}


static void
fail(const char *what, const char *why)
{
    fprintf(stderr, "origin: %s: %s\n", what, why);
    exit(1);
}


static void
load(const char *folder)
{
    DIR            *dir;
    struct dirent  *entry;

    dir = opendir(folder);
    if (dir == NULL) {
        fail(folder, strerror(errno));
    }

    for ( ;; ) {
        entry = readdir(dir);

        if (entry == NULL) {
            break;
        }

        if (entry->d_name[0] != '.') {
            load_page(folder, entry->d_name);
        }
    }

    closedir(dir);
}


static void
load_page(const char *folder, const char *name)
{
    FILE    *file;
    long     size;
    char     path[4096];
    size_t   len;
    page_t  *page;

    if (npages == MAX_PAGES) {
        fail(folder, "too many files");
    }

    page = &pages[npages++];

    snprintf(path, sizeof(path), "%s/%s", folder, name);

    file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        fail(path, strerror(errno));
    }

    size = ftell(file);
    rewind(file);

    page->name = strdup(name);
    page->nbody = (size_t) size;
    page->body = malloc(page->nbody + 1);

    if (page->name == NULL || page->body == NULL
        || fread(page->body, 1, page->nbody, file) != page->nbody)
    {
        fail(path, "cannot be read");
    }

    fclose(file);

    len = strlen(name);

    page->nhead = (size_t) snprintf(page->head, sizeof(page->head),
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        "Content-Length: %zu\r\n"
        "ETag: \"%s-%zu\"\r\n"
        "%s\r\n",
        page->nbody + (strncmp(name, "half-", 5) == 0), name, page->nbody,
        len > 3 && strcmp(name + len - 3, ".gz") == 0
        ? "Content-Encoding: gzip\r\n" : "");
}


static int
listen_on(const char *name)
{
    int                  fd;
    struct sockaddr_un   sun;

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;

    if (strlen(name) >= sizeof(sun.sun_path)) {
        fail(name, "too long");
    }

    strcpy(sun.sun_path, name);
    unlink(name);

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd == -1
        || bind(fd, (struct sockaddr *) &sun, sizeof(sun)) != 0
        || listen(fd, 1024) != 0)
    {
        fail(name, strerror(errno));
    }

    return fd;
}


static void
watch(int epoll, int op, int fd, uint32_t events, void *data)
{
    struct epoll_event  event;

    event.events = events;
    event.data.ptr = data;

    if (epoll_ctl(epoll, op, fd, &event) != 0) {
        fail("epoll", strerror(errno));
    }
}


static void
take(int epoll, int fd)
{
    connection_t  *c;

    c = calloc(1, sizeof(connection_t));
    if (c == NULL) {
        fail("connection", "no memory");
    }

    c->fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (c->fd == -1) {
        free(c);
        return;
    }

    watch(epoll, EPOLL_CTL_ADD, c->fd, EPOLLIN, c);
}


/* Reads a request or sends on; non-zero: the connection is over. */

static int
serve(connection_t *c)
{
    ssize_t        n;
    page_t        *page;
    struct iovec   iov[2];

    if (c->page == NULL) {
        n = read(c->fd, c->request + c->len, MAX_REQUEST - 1 - c->len);

        if (n <= 0) {
            return !(n == -1 && (errno == EAGAIN || errno == EINTR));
        }

        c->len += (size_t) n;
        c->request[c->len] = '\0';

        if (strstr(c->request, "\r\n\r\n") == NULL) {
            return c->len == MAX_REQUEST - 1;
        }

        c->len = 0;
        c->sent = 0;
        c->page = find(c->request);

        if (c->page == NULL) {
            return 1;
        }
    }

    page = c->page;

    while (c->sent < page->nhead + page->nbody) {

        if (c->sent < page->nhead) {
            iov[0].iov_base = page->head + c->sent;
            iov[0].iov_len = page->nhead - c->sent;
            iov[1].iov_base = page->body;
            iov[1].iov_len = page->nbody;

        } else {
            iov[0].iov_base = page->body + (c->sent - page->nhead);
            iov[0].iov_len = page->nbody - (c->sent - page->nhead);
        }

        n = writev(c->fd, iov, 1 + (c->sent < page->nhead));

        if (n == -1) {
            return errno != EAGAIN && errno != EINTR;
        }

        c->sent += (size_t) n;
    }

    c->page = NULL;

    return 0;
}


static page_t *
find(const char *request)
{
    size_t    len;
    unsigned  i;

    if (strncmp(request, "GET /", 5) != 0) {
        return NULL;
    }

    len = strcspn(request + 5, " ?");

    for (i = 0; i < npages; i++) {

        if (strlen(pages[i].name) == len
            && memcmp(pages[i].name, request + 5, len) == 0)
        {
            return &pages[i];
        }
    }

    return NULL;
}
