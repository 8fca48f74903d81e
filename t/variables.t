#!/usr/bin/perl

# What the access log can ask.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article();

$t->origin('/page' => { body => $page });

$t->run(<<'END');
server {
    listen %%PORT%%;
    editorial on;
    editorial_opinion $arg_opinion;

    location / {
        add_header X-Variants $editorial_variants;
        add_header X-Id $editorial_article_id;
        proxy_pass http://%%ORIGIN%%;
    }

    location = /id {
        editorial_article_id "story-$arg_n";
        return 200 $editorial_article_id;
    }

    location = /off {
        editorial off;
        return 200 "$editorial_skip|$editorial_furniture|$editorial_uri";
    }

    location = /early {
        return 200 "$editorial_skip|$editorial_furniture|$editorial_variants";
    }

    location /u {
        rewrite ^ /elsewhere;
    }

    location = /elsewhere {
        try_files /nothing @last;
    }

    location @last {
        return 200 "$uri|$editorial_uri";
    }
}

server {
    listen %%PORT1%%;
    merge_slashes off;

    location / {
        return 200 "$uri|$editorial_uri";
    }
}
END

sub last_line {
    my $line = $t->last_access;

    return join '|', @$line{qw(skip furniture variants)};
}

my $variants = 'read_more=box,pull_quote=quote,disclaimer=standard';

my $r = $t->get('/page?opinion=1');
is($r->{headers}{'x-variants'}, $variants,
   'variants are known when the header is sent');
is($r->{headers}{'x-id'}, '/page', '... and the id');
is(last_line(), "|2|$variants", 'the log knows the furniture');

$t->get('/page');
is(last_line(), "|1|$variants", 'one piece');

$t->get('/page?opinion=0');
is(last_line(), "|1|$variants", 'no opinion piece');

$t->get('/page?opinion=');
is(last_line(), "|1|$variants", '... nor by nothing');

$t->head('/page');
is(last_line(), "|0|$variants", 'HEAD');

$t->get('/nothing');
is(last_line(), "status|0|$variants", 'an error');

$t->request('POST', '/page', 'Content-Length: 0');
is(last_line(), "method|0|$variants", 'a method');

is($t->get('/id?n=17')->{body}, 'story-17', 'an id by a value');
is($t->get('/off')->{body}, 'off|0|/off', 'where it is off');
is(last_line(), 'off|0|-', '... in the log');
is($t->get('/early')->{body}, "|0|$variants", 'before there is a response');

# asked for => $editorial_uri, and where slashes are not merged

my @uris = (
    '/u' => '/u',
    '/u/a?b=c' => '/u/a',
    '/u//a///b' => [ '/u/a/b', '/u//a///b' ],
    '/u/./a/../b' => '/u/b',
    '/u/%61%2e%2E/b' => '/u/a../b',
    '/u/a%2fb' => '/u/a/b',
    '/u/%2e%2e/u/x' => '/u/x',
    '/u/a%20b' => '/u/a%20b',
    '/u/a%3fb' => '/u/a%3Fb',
    '/u/a%23b' => '/u/a%23b',
    '/u/a%25b' => '/u/a%25b',
    '/u/caf%c3%a9' => '/u/caf%C3%A9',
    "/u/caf\xc3\xa9" => '/u/caf%C3%A9',
    '/u/a#b' => '/u/a',
    '/u/?' => '/u/',
    '/u/' . 'x' x 2000 => '/u/' . 'x' x 2000,
);

while (my ($asked, $uris) = splice @uris, 0, 2) {
    my ($merged, $apart) = ref $uris ? @$uris : ($uris, $uris);
    my $name = length $asked > 40 ? 'a long one' : $asked;

    (my $body = $t->get($asked)->{body}) =~ s/^[^|]*\|//;
    is($body, $merged, "$name: \$editorial_uri");

    ($body = $t->get($asked, { port => 1 })->{body}) =~ s/^.*\|//;
    is($body, $apart, '... with its slashes');
}

for (['http://localhost/u/%61?b', '/u/a'], ['http://localhost', '/'],
     ['http://localhost?u=1', '/'], ['HTTP://localhost:80//u//', '/u/'])
{
    my ($asked, $uri) = @$_;

    $r = $t->raw("GET $asked HTTP/1.1\r\nHost: localhost\r\n"
                 . "Connection: close\r\n\r\n");
    is($t->last_access->{uri}, $uri, "$asked: $uri");
}

$t->raw("GET nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
is($t->last_access->{uri}, '', 'a request line without a path');

$t->done;
