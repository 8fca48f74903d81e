#!/usr/bin/perl

# A hundred thousand requests later: nothing is pinned or locked, and no
# worker has grown.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Select;
use Test::More;
use Test::Editorial;

use constant {
    ROUNDS => 100,
    EACH => 1000,                    # requests of a connection
    GROWTH => 2048,                  # KB that a worker may have grown
};

my $t = Test::Editorial->new;
my %page = map { ("/page/$_" => article(n => 3 + $_)) } 0 .. 9;

$t->origin((map { ($_ => { body => $page{$_} }) } keys %page),
           '/private' => { body => 'x', headers => ['Set-Cookie: a=1'] });

$t->run(<<'END');
editorial_zone pages:2m;

server {
    listen %%PORT%%;

    editorial on;
    editorial_cache on;
    editorial_preview 1;
    keepalive_requests 100000;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location = /metrics {
        editorial_metrics;
    }

    location = /pid {
        return 200 $pid;
    }
}
END

sub metric {
    my ($name) = @_;
    my $text = $t->get('/metrics')->{body};

    return $text =~ /^\Q$name\E (\d+)$/m ? $1 : "no $name";
}

sub size {
    my ($pid) = @_;

    return slurp("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m ? $1 : 0;
}

# a round: a thousand requests on one connection, of all kinds

sub round {
    my ($n) = @_;
    my $bytes = '';

    for my $i (1 .. EACH) {
        my $method = $i % 25 ? 'HEAD' : 'GET';
        my $path = '/page/' . ($n + $i) % 10;
        my $edition = $i % 3 ? '' : '?editorial=read_more:off';
        my $gzip = $i % 2 ? "Accept-Encoding: gzip\r\n" : '';
        my $close = $i == EACH ? "Connection: close\r\n" : '';

        $bytes .= "$method $path$edition HTTP/1.1\r\nHost: localhost\r\n"
                  . "$gzip$close\r\n";
    }

    my $c = $t->connection;
    my ($out, $in) = (0, '');

    # written and read by turns, or both sides would wait
    my $select = IO::Select->new($c);

    while (1) {
        if ($out < length $bytes) {
            my $sent = syswrite $c, $bytes, 8192, $out;
            $out += $sent if $sent;
        }

        while ($select->can_read($out < length $bytes ? 0 : 15)) {
            my $got = sysread $c, my $buf, 262144;
            return $in unless $got;
            $in .= $buf;
        }

        return $in if $out >= length $bytes && !$select->can_read(0);
    }
}

my $pid = $t->get('/pid')->{body};

$t->get($_) for sort keys %page;
round($_) for 1 .. 5;

my $before = size($pid);
my $answers = 0;

for my $n (1 .. ROUNDS) {
    my $in = round($n);

    $answers += () = $in =~ /HTTP\/1\.1 200 OK\r\n/g;
    $t->get('/private');
}

is($answers, ROUNDS * EACH, 'every request is answered');

my $grown = size($pid) - $before;
cmp_ok($grown, '<', GROWTH, 'the worker has not grown');
diag "grown by $grown KB";

is(metric('editorial_zone_blocks_pinned'), 0, 'nothing is pinned');

my $free = metric('editorial_zone_blocks_free');
round(1);
is(metric('editorial_zone_blocks_free'), $free,
   'the zone is as full as before');

$t->done;
