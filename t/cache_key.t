#!/usr/bin/perl

# What tells pages apart: nobody gets the page of another address, and no
# ignored argument reaches a page that is kept.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $answer = sub {
    my ($c, $request) = @_;
    my ($line) = $request =~ /^(\S+ \S+)/;
    my ($host) = $request =~ /^Host: (\S+)/m;

    $t->send_page($c, { body => article(n => 5) . "<!-- $line $host -->" });
};

$t->origin(map { $_ => $answer }
           '/a', '/a/b', '/a%2Fb', '/a%2fb', '/%61', '//a', '/custom', '/q');

$t->run(<<'END');
editorial_zone pages:4m;

server {
    listen %%PORT%%;

    editorial on;
    editorial_cache on;
    add_header X-Status $editorial_status;

    location / {
        proxy_pass http://%%ORIGIN%%;
        proxy_set_header Host $host;
    }

    location = /custom {
        editorial_cache_key "one";
        proxy_pass http://%%ORIGIN%%;
    }

    location = /q {
        editorial_cache_ignore_args session* x;
        proxy_pass http://%%ORIGIN%%;
        proxy_set_header X-Args $args;
    }
}
END

sub saw { return $_[0]{body} =~ /<!-- (.*) -->/ ? $1 : '' }

# each is another page

my @pages = ('/a', '/a?', '/a?x', '/a?x=', '/a?x=1', '/a?x=2', '/a?x=1&x=2',
             '/a?x=2&x=1', '/a?X=1', '/a?x=1&y=1', '/a?x=%31', '/a/b',
             '/a%2Fb', '/%61', '/a?x=1&amp;y=1', '/a?x=a+b', '/a?x=a%20b');

for my $round ('MISS', 'HIT') {
    for my $path (@pages) {
        my $r = $t->get($path);

        is($r->{headers}{'x-status'}, $path eq '/a?' ? 'HIT' : $round,
           "$path: $round");
        is(saw($r), 'GET ' . ($path eq '/a?' ? '/a' : $path) . ' localhost',
           '... its own page');
    }
}

my $r = $t->get('/a', 'Host: other.example');
is(saw($r), 'GET /a other.example', 'another host: another page');
is($t->get('/a', 'Host: OTHER.example')->{headers}{'x-status'}, 'HIT',
   '... in any case of its letters');

# the same page

for my $same ([ '/a?x=1&y=1', '/a?y=1&x=1' ],
              [ '/a?x=1', '/a?x=1&utm_source=a&utm_medium=b', '/a?fbclid=1&x=1',
                '/a?x=1&&', '/a?gclid=&x=1', '/a?editorial=read_more:off&x=1' ])
{
    my ($first, @others) = @$same;
    my $expected = saw($t->get($first));

    for my $path (@others) {
        my $r = $t->get($path);

        is($r->{headers}{'x-status'}, 'HIT', "$path is $first");
        is(saw($r), $expected, '... the same page');
    }
}

$r = $t->get('/a/b?utm_source=mail&p=3&fbclid=secret&p=1');
is($r->{headers}{'x-status'}, 'MISS', 'ignored arguments, and others');
is(saw($r), 'GET /a/b?p=3&p=1 localhost', '... the origin gets the others');
is($t->last_access->{request},
   'GET /a/b?utm_source=mail&p=3&fbclid=secret&p=1 200',
   '... the log has all of them');

$r = $t->get('/a/b?utm_source=mail');
is($r->{headers}{'x-status'}, 'HIT', 'nothing but ignored arguments');

$r = $t->get('/q?session=1&sessions=2&utm_source=3&x=4&y=5');
like(saw($r), qr/^GET \/q\?utm_source=3&y=5 /, 'a list of its own');
like($t->last_request, qr/^X-Args: utm_source=3&y=5\r$/m, '... in $args too');

is($t->get('/custom?a')->{headers}{'x-status'}, 'MISS', 'a key of its own');
is($t->get('/custom?b')->{headers}{'x-status'}, 'HIT', '... is all there is');

is($t->get('/a?x=1', 'Authorization: Basic eA==')->{headers}{'x-status'},
   'BYPASS', 'Authorization: not from the cache');

$t->done;
