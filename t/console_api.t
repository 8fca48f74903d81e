#!/usr/bin/perl

# The editors' API: which call is which, who may make it, and what a body must
# be.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use Test::Editorial;
use Time::HiRes qw(sleep);

my $t = Test::Editorial->new;
my $json = 'Content-Type: application/json';
my $anna = 'X-User: anna';
my $limit = 256 * 1024;

$t->run(<<'END');
editorial_zone pages:4m;

server {
    listen %%PORT1%% http2;
    server_name localhost;

    location /console/ {
        editorial_console user=$http_x_user;
    }
}

server {
    listen %%PORT%%;
    server_name localhost;

    location /console/ {
        editorial_console user=$http_x_user;
    }

    location /without-slash {
        editorial_console user=$http_x_user;
    }

    location /by-auth/ {
        auth_basic editors;
        auth_basic_user_file %%DIR%%/users;
        editorial_console;
    }

    location /nobody/ {
        editorial_console user=;
    }

    location /small/ {
        client_max_body_size 1k;
        editorial_console user=$http_x_user;
    }

    location /buffer/ {
        client_body_buffer_size 100;
        editorial_console user=$http_x_user;
    }

    location /mirrored/ {
        client_body_in_file_only clean;
        mirror /mirror;
        editorial_console user=$http_x_user;
    }

    location = /mirror {
        internal;
        return 204;
    }

    location /blocks/ {
        editorial_console user=$http_x_user;

        if ($arg_if) {
            set $x y;
        }

        limit_except GET {
            allow all;
        }
    }

    location /impatient/ {
        client_body_timeout 200ms;
        editorial_console user=$http_x_user;
    }

    location /pages/ {
        error_page 403 404 413 = /page;
        editorial_console user=$http_x_user;
    }

    location = /page {
        return 200 page;
    }

    location = /included/ {
        ssi on;
        ssi_types *;
        return 200 'before <!--# include virtual="/console/api/x" --> after';
    }
}
END

spew($t->dir . '/users', "bert:{PLAIN}secret\n");

my $purge = '/console/api/purge';

# what there is

my $r = call('POST', $purge, '{"key":"x"}', $anna, $json);
is($r->{status}, 200, 'a call');
is($r->{body}, '{"purged":0}', '... its answer');
is($r->{headers}{'content-type'}, 'application/json', '... its type');
is($r->{headers}{'content-length'}, length $r->{body}, '... its length');
is($r->{headers}{'cache-control'}, 'no-store', '... is not kept');
is($r->{headers}{'x-content-type-options'}, 'nosniff', '... nor guessed at');

for my $path ('/console/api', '/console/api/', '/console/x',
              '/console/api/purge/', '/console/api/purge/x',
              '/console/api/Purge', '/without-slashapi/x')
{
    for my $method (qw(GET HEAD POST PUT DELETE PATCH OPTIONS)) {
        $r = call($method, $path, undef, $anna);
        is($r->{status}, 404, "$method $path");
        problem($r, 'Not Found', qr/^there is no such call$/)
            unless $method eq 'HEAD';
    }
}

for my $method (qw(GET HEAD PUT DELETE PATCH OPTIONS)) {
    $r = call($method, $purge, undef, $anna);
    is($r->{status}, 405, "$method $purge");
    is($r->{headers}{allow}, 'POST', '... says what is allowed');
    problem($r, 'Method Not Allowed', qr/^this call is not made by $method$/)
        unless $method eq 'HEAD';
}

my ($head, $next) = $t->raw("HEAD $purge HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            . "GET /page HTTP/1.1\r\nHost: localhost\r\n"
                            . "Connection: close\r\n\r\n");
is($head->{status}, 405, 'HEAD');
cmp_ok($head->{headers}{'content-length'}, '>', 50, '... has a length');
is($next->{body}, 'page', '... and no body');

is(call('POST', '/without-slash/api/purge', '{"key":"x"}', $anna,
        $json)->{status}, 200, 'a location without a slash at its end');

for my $path ('/blocks/api/purge', '/blocks/api/purge?if=1') {
    is(call('POST', $path, '{"key":"x"}', $anna, $json)->{status}, 200,
       "$path: in a block of the location");
    is(call('POST', $path, '{"key":"x"}', $json)->{status}, 403,
       '... with its user');
}

$r = call('POST', '/pages/api/purge', '{"key":"x"}', $json);
is($r->{status}, 403, 'an error is not turned into a page');
problem($r, 'Forbidden', qr/user/);

$r = $t->get('/included/');
like($r->{body}, qr/^before .*"status":404.* after$/, 'included in a page');

# who may

$r = call('POST', $purge, '{"key":"x"}', $json);
is($r->{status}, 403, 'without a user');
problem($r, 'Forbidden',
        qr/^a change needs the name of a user, and this request has none$/);

is(call('POST', '/nobody/api/purge', '{"key":"x"}', $anna, $json)->{status},
   403, 'where nobody is a user');

is(call('POST', '/by-auth/api/purge', '{"key":"x"}', $json)->{status}, 401,
   'auth_basic comes first');
is(call('POST', '/by-auth/api/purge', '{"key":"x"}', $json,
        'Authorization: Basic YmVydDpzZWNyZXQ=')->{status}, 200,
   '... and tells who it is');

for my $site (qw(cross-site same-site Same-Origin x), '', 'none, cross-site') {
    $r = call('POST', $purge, '{"key":"x"}', $anna, $json,
              "Sec-Fetch-Site: $site");
    is($r->{status}, 403, "Sec-Fetch-Site: $site");
    problem($r, 'Forbidden', qr/another origin \(Sec-Fetch-Site\)$/);
}

for my $site (qw(same-origin none)) {
    is(call('POST', $purge, '{"key":"x"}', $anna, $json,
            "Sec-Fetch-Site: $site")->{status}, 200, "Sec-Fetch-Site: $site");
}

is(call('POST', $purge, '{"key":"x"}', $anna, $json, 'Sec-Fetch-Site: none',
        'Sec-Fetch-Site: cross-site')->{status}, 403, '... two of them');

my $port = $t->port;

for my $origin ('null', 'http://localhost', "https://localhost:$port",
                "http://localhost:1$port", "http://evil:$port",
                'https://evil.example', "http://localhost:$port.evil", 'x', '')
{
    $r = call('POST', $purge, '{"key":"x"}', $anna, $json, "Origin: $origin",
              "Host: localhost:$port");
    is($r->{status}, 403, "Origin: $origin");
    problem($r, 'Forbidden', qr/another origin \(Origin\)$/);
}

for my $origin ("http://localhost:$port", "http://LOCALHOST:$port") {
    is(call('POST', $purge, '{"key":"x"}', $anna, $json, "Origin: $origin",
            "Host: localhost:$port")->{status}, 200, "Origin: $origin");
}

is(call('POST', $purge, '{"key":"x"}', $anna, $json,
        'Origin: https://www.example.com', 'Host: www.example.com')->{status},
   200, 'TLS ended in front of this server');

is(call('GET', $purge, undef, 'Sec-Fetch-Site: cross-site',
        'Origin: null')->{status}, 405, 'a read may come from anywhere');

# types of bodies

for my $type ('text/plain', 'application/x-www-form-urlencoded',
              'application/jsonx', 'application/problem+json', 'text/json',
              'application/json,text/plain', '')
{
    $r = call('POST', $purge, '{"key":"x"}', $anna, "Content-Type: $type");
    is($r->{status}, 415, "Content-Type: $type");
    problem($r, 'Unsupported Media Type',
            qr/^a body must be application\/json$/);
}

is(call('POST', $purge, '{"key":"x"}', $anna)->{status}, 415, 'of no type');
is(chunked($purge, ['{"key":"x"}'], $anna)->{status}, 415, '... chunked');

for my $type ('application/json; charset=utf-8', 'Application/JSON',
              'application/json;x', "application/json \t; x=y")
{
    is(call('POST', $purge, '{"key":"x"}', $anna,
            "Content-Type: $type")->{status}, 200, "Content-Type: $type");
}

$r = call('POST', $purge, gzip('{"key":"x"}'), $anna, $json,
          'Content-Encoding: gzip');
is($r->{status}, 415, 'compressed');
problem($r, 'Unsupported Media Type', qr/^a body must not be compressed$/);

# no body

for my $headers ([], [$json], ['Content-Length: 0'],
                 ['Content-Length: 0', 'Content-Type: text/plain'])
{
    $r = $t->request('POST', $purge, $anna, @$headers);
    is($r->{status}, 400, "no body: @$headers");
    problem($r, 'Bad Request', qr/^this call needs a body$/);
}

is(chunked($purge, [], $anna, $json)->{status}, 400, '... chunked');

# what is in them

my %wrong = (
    '{' => qr/^malformed JSON at line 1, column 1: /,
    "{\n\"key\":\"x\",\n}" => qr/^malformed JSON at line 3, column 1: /,
    '{"key":"x"} {}' => qr/^malformed JSON at line 1, column 13: /,
    '{"key":"x","key":"x"}' => qr/^malformed JSON at line 1, .*duplicate/,
    "{\"key\":\"\xff\"}" => qr/^malformed JSON at line 1, /,
    "\xff" => qr/^malformed JSON at line 1, /,
    "\0" => qr/^malformed JSON at line 1, /,
    '{"key":"a\u0000b"}' => qr/^malformed JSON at line 1, /,
    ' ' => qr/^malformed JSON at line 1, /,
    '[' x 5000 => qr/^malformed JSON at line 1, .*depth/,
    '[]' => qr/^the body must be an object$/,
    '"key"' => qr/^the body must be an object$/,
    'null' => qr/^the body must be an object$/,
    'true' => qr/^the body must be an object$/,
    '{"kez":"x"}' => qr/^unknown field "kez"$/,
    '{"Key":"x"}' => qr/^unknown field "Key"$/,
    '{"":"x"}' => qr/^unknown field ""$/,
    "{\"\xc3\xa4\":1}" => qr/^unknown field "\x{e4}"$/,
    '{"a\nb":1}' => qr/^unknown field "a b"$/,
    '{"' . 'k' x 5000 . '":1}' => qr/^unknown field "k{100}"$/,
    "{\"" . "\xc3\xa4" x 5000 . '":1}' => qr/^unknown field "\x{e4}{50}"$/,
    "{\"x" . "\xc3\xa4" x 50 . '":1}' =>
        qr/^unknown field "x\x{e4}{49}\x{fffd}"$/,
    '{"key":1}' => qr/^"key" must be a string$/,
    '{"key":null}' => qr/^"key" must be a string$/,
    '{"key":["x"]}' => qr/^"key" must be a string$/,
    '{"all":1}' => qr/^"all" must be true$/,
    '{"all":false}' => qr/^"all" must be true$/,
    '{"all":"true"}' => qr/^"all" must be true$/,
);

for my $body (sort keys %wrong) {
    my $shown = substr $body =~ s/[^ -~]/./gr, 0, 30;

    $r = call('POST', $purge, $body, $anna, $json);
    is($r->{status}, 400, "body $shown");
    problem($r, 'Bad Request', $wrong{$body});

    is(chunked($purge, [split //, substr $body, 0, 100], $anna, $json)
       ->{status}, 400, '... chunked') if length $body < 100;
}

# ... however they arrive

for my $path ($purge, '/buffer/api/purge', '/mirrored/api/purge') {
    for my $n (1, 100, 5_000, 100_000, $limit - length '{"key":""}') {
        my $body = '{"key":"' . 'x' x $n . '"}';

        $r = call('POST', $path, $body, $anna, $json);
        is($r->{body}, '{"purged":0}', "$path: a body with $n bytes");

        $r = chunked($path, [unpack '(a7919)*', $body], $anna, $json);
        is($r->{body}, '{"purged":0}', '... chunked');
    }
}

$r = slowly("POST $purge HTTP/1.1\r\nHost: localhost\r\n$anna\r\n$json\r\n"
            . "Content-Length: 11\r\nConnection: close\r\n\r\n",
            '{"k', 'ey":', '"x"', '}');
is($r->{body}, '{"purged":0}', 'a body in pieces');

my @two = $t->raw("POST $purge HTTP/1.1\r\nHost: localhost\r\n$anna\r\n"
                  . "$json\r\nContent-Length: 12\r\n\r\n{\"key\":\"x\"}\n"
                  . "GET /page HTTP/1.1\r\nHost: localhost\r\n"
                  . "Connection: close\r\n\r\n");
is($two[0]{body}, '{"purged":0}', 'a request behind it');
is($two[1]{body}, 'page', '... is answered, too');

@two = $t->raw("POST $purge HTTP/1.1\r\nHost: localhost\r\n$json\r\n"
               . "Content-Length: 12\r\n\r\n{\"key\":\"x\"}\n"
               . "GET /page HTTP/1.1\r\nHost: localhost\r\n"
               . "Connection: close\r\n\r\n");
is($two[0]{status}, 403, 'a refused one');
is($two[1]{body}, 'page', '... has its body read past');

$r = slowly("POST $purge HTTP/1.1\r\nHost: localhost\r\n$anna\r\n$json\r\n"
            . "Content-Length: 11\r\nExpect: 100-continue\r\n"
            . "Connection: close\r\n\r\n", '{"key":"x"}');
is($r->{status}, 100, 'a client that asks before');

$r = $t->raw("POST $purge HTTP/1.1\r\nHost: localhost\r\n$json\r\n"
             . "Content-Length: 11\r\nExpect: 100-continue\r\n"
             . "Connection: close\r\n\r\n");
is($r->{status}, 403, '... is told at once where it may not');

# too long

my $long = '{"key":"' . 'x' x ($limit - length('{"key":""}') + 1) . '"}';

$r = call('POST', $purge, $long, $anna, $json);
is($r->{status}, 413, 'one byte too many');
problem($r, 'Content Too Large',
        qr/^a body of 262145 bytes exceeds 262144 bytes$/);

$r = call('POST', $purge, $long, $anna);
is($r->{status}, 413, '... of any type');

for my $path ($purge, '/buffer/api/purge', '/mirrored/api/purge') {
    $r = chunked($path, [unpack '(a10000)*', $long], $anna, $json);
    is($r->{status}, 413, "$path: chunked");
    problem($r, 'Content Too Large', qr/body.* exceeds 262144 bytes/);
}

# it is refused as soon as it is over: what follows is not waited for
$r = $t->raw("POST $purge HTTP/1.1\r\nHost: localhost\r\n$anna\r\n$json\r\n"
             . "Transfer-Encoding: chunked\r\n\r\n"
             . join '', map { sprintf "%x\r\n%s\r\n", length, $_ }
                        unpack '(a10000)*', $long);
is($r->{status}, 413, 'chunked, without an end');
is($r->{headers}{connection}, 'close', '... the connection is closed');

$r = call('POST', '/small/api/purge', '{"key":"' . 'x' x 2000 . '"}', $anna,
          $json);
is($r->{status}, 413, 'client_max_body_size');
like($r->{headers}{'content-type'}, qr{^text/html}, "... is nginx's own");
$r = chunked('/small/api/purge', ['{"key":"' . 'x' x 2000 . '"}'], $anna,
             $json);
is($r->{status}, 413, '... chunked');
problem($r, 'Content Too Large', qr/what this server takes at all$/);

# broken

$r = $t->raw("POST $purge HTTP/1.1\r\nHost: localhost\r\n$anna\r\n$json\r\n"
             . "Transfer-Encoding: chunked\r\n\r\nzz\r\n");
is($r->{status}, 400, 'chunks that are none');

$r = slowly("POST $purge HTTP/1.1\r\nHost: localhost\r\n$anna\r\n$json\r\n"
            . "Transfer-Encoding: chunked\r\n\r\n", "3\r\n{\"k\r\n", "zz\r\n");
is($r->{status}, 400, '... in the middle');
problem($r, 'Bad Request', qr/chunked coding is broken$/);

$r = $t->raw("POST /impatient/api/purge HTTP/1.1\r\nHost: localhost\r\n$anna"
             . "\r\n$json\r\nContent-Length: 11\r\n\r\n{\"key");
is($r->{status}, 0, 'a body that does not come');

# over HTTP/2

SKIP: {
    my ($nghttp) = grep { -x } map { "$_/nghttp" } split /:/, $ENV{PATH};

    skip('nghttp (Debian: nghttp2-client) is not there', 1) unless $nghttp;

    my $url = 'http://127.0.0.1:' . $t->port(1) . $purge;
    my $call = "$nghttp -v -t 10 -H ':method: POST' -H 'x-user: anna'"
               . " -H 'content-type: application/json' -d " . $t->dir
               . '/body';

    for my $n (1, 5_000, $limit - length('{"key":""}')) {
        spew($t->dir . '/body', '{"key":"' . 'x' x $n . '"}');

        for my $length ('', '--no-content-length') {
            like(`$call $length $url 2>&1`, qr/\{"purged":0\}/,
                 "HTTP/2: a body with $n bytes $length");
        }
    }

    spew($t->dir . '/body', $long);

    for my $length ('', '--no-content-length') {
        like(`$call $length $url 2>&1`, qr/:status: 413/,
             "... one byte too many $length");
    }

    spew($t->dir . '/body', '{"key":');
    like(`$call $url 2>&1`, qr/malformed JSON at line 1, column 7/,
         '... and a malformed one');
    like(`$call -H 'sec-fetch-site: cross-site' $url 2>&1`,
         qr/\(Sec-Fetch-Site\)/, '... and one from elsewhere');
    like(`$call -H 'origin: $url' $url 2>&1`, qr/\(Origin\)/,
         '... of another origin');
    spew($t->dir . '/body', '{"key":"x"}');
    like(`$call -H 'origin: http://127.0.0.1:@{[ $t->port(1) ]}' $url 2>&1`,
         qr/\{"purged":0\}/, '... of its own');
}

# clients that go away

for my $bytes ("POST $purge HTTP/1.1\r\nHost: localhost\r\n$anna\r\n$json\r\n"
               . "Content-Length: 11\r\n\r\n{\"key",
               "POST $purge HTTP/1.1\r\nHost: localhost\r\n$anna\r\n$json\r\n"
               . "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"key\r\n",
               "POST $purge HTTP/1.1\r\nHost: localhost\r\n$anna\r\n$json\r\n"
               . "Content-Length: 11\r\n\r\n{\"key\":\"x\"}")
{
    my $c = $t->connection;
    Test::Editorial::put($c, $bytes);
    sleep 0.05;
    close $c;
}

sleep 0.1;
is(call('POST', $purge, '{"key":"x"}', $anna, $json)->{status}, 200,
   'after clients that went away');

# what is written down

call('POST', $purge, '{"key":"a\nb\u00e4"}', "X-User: \xc3\xa4\xff\"", $json);
unlike($t->log, qr/client sent invalid method/,
       'nothing of a body is taken for a request');
like($t->log, qr/\[notice\].*\ editorial:\ "\\u00E4\\uFFFD\\""\ did\ purge
                 \ \{"key":"a\\nb\\u00E4"\}:\ \{"purged":0\}/x, 'the log');

# where it may stand

my ($ok, $said) = $t->check('server { location /c/ { editorial_console; } }');
ok(!$ok, 'without a zone');
like($said, qr/"editorial_console" needs "editorial_zone" in \S+:\d+/,
     '... it says');

for my $location ('= /c/', '~ ^/c/', '@c') {
    ($ok, $said) = $t->check('editorial_zone z:4m; server { location '
                             . "$location { editorial_console; } }");
    ok(!$ok, "location $location");
    like($said, qr/"editorial_console"\ directive\ must\ stand\ in
                   \ a\ location\ that\ is\ given\ by\ a\ prefix/x,
         '... it says');
}

for my $wrong ('editorial_console anna;', 'editorial_console user=a user=b;',
               'editorial_console; editorial_console;',
               'editorial_console user=$no_such_variable;')
{
    ($ok, $said) = $t->check("editorial_zone z:4m; server { location /c/ {"
                             . " $wrong } }");
    ok(!$ok, $wrong);
}

($ok) = $t->check('editorial_zone z:4m; server { editorial_console; }');
ok(!$ok, 'not in a server');

$t->done;


# A request with a body.

sub call {
    my ($method, $path, $body, @headers) = @_;

    unshift @headers, 'Host: localhost' unless grep { /^Host:/i } @headers;
    push @headers, 'Content-Length: ' . length $body if defined $body;

    return $t->raw(join("\r\n", "$method $path HTTP/1.1", 'Connection: close',
                        @headers, '', defined $body ? $body : ''));
}


sub chunked {
    my ($path, $chunks, @headers) = @_;

    return $t->raw(join("\r\n", "POST $path HTTP/1.1", 'Connection: close',
                        'Host: localhost', @headers,
                        'Transfer-Encoding: chunked', '', '')
                   . join('', map { sprintf "%x\r\n%s\r\n", length, $_ }
                              grep { length } @$chunks) . "0\r\n\r\n");
}


# The first response to bytes that come one after the other.

sub slowly {
    my (@pieces) = @_;

    my $c = $t->connection;

    for my $piece (@pieces) {
        Test::Editorial::put($c, $piece);
        sleep 0.05;
    }

    local $SIG{ALRM} = sub { die "no response\n" };
    alarm 15;
    my $buf = '';
    1 while sysread $c, $buf, 65536, length $buf;
    alarm 0;

    return (Test::Editorial::responses($buf, 'POST'))[0];
}


sub problem {
    my ($r, $title, $detail) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $p = eval { JSON::PP::decode_json($r->{body}) } || {};

    is($r->{headers}{'content-type'}, 'application/problem+json',
       '... a problem');
    is($r->{headers}{'cache-control'}, 'no-store', '... that is not kept');
    is(join(' ', sort keys %$p), 'detail status title type', '... its fields');
    is($p->{type}, 'about:blank', '... its type');
    is($p->{title}, $title, '... its title');
    is($p->{status}, $r->{status}, '... its status');
    like($p->{detail} || '', $detail, '... its detail');
}
