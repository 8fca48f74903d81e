#!/usr/bin/perl

# Under load: reloads, killed workers, a binary upgrade.  Nobody gets another
# page than his own, or half of one; what was pinned and locked is given back.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;
use Test::Load;
use Time::HiRes qw(sleep time);

my $t = Test::Editorial->new(workers => 2);
my $dir = $t->dir;
my %page = map { ("/page/$_" => article(n => 20 * $_)) } 1 .. 12;

$t->origin(
    map { my $body = $page{$_};
          ($_ => sub {
              sleep 0.01;
              $t->send_page($_[0], {
                  body => $body,
                  headers => ['Cache-Control: max-age=2, '
                              . 'stale-while-revalidate=60'] });
          }) } keys %page);

my $conf = <<'END';
editorial_zone pages:2m;

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;

    keepalive_requests 50;

    location / {
        proxy_pass http://%%ORIGIN%%;
        proxy_connect_timeout 5s;
    }
}
END

$t->run($conf);

my %expected = map { ($_ => $t->get($_)->{body}) } keys %page;


my $load = Test::Load->new(server => $t, pages => \%expected);

my @sum = $load->during('reloads', sub {
    for (1 .. 4) {
        $t->reload;
        sleep 1;
    }
});

is($sum[1] + $sum[3], 0, '... no request failed');

my $kills = 6;

@sum = $load->during('killed workers', sub {
    for (1 .. $kills) {
        my @workers = $t->workers;
        kill 'KILL', $workers[rand @workers];
        sleep 0.5;
    }
});

cmp_ok($sum[1] + $sum[3], '<=', $kills * $load->{clients},
       '... only requests that a killed worker was serving failed');

# what the dead have held is given back: all pages can be served anew

sleep 3;

for my $path (sort keys %page) {
    my $began = time;
    my $r = $t->get($path);

    same($r->{body}, $expected{$path}, "$path: served at the end");
    cmp_ok(time - $began, '<', 1, '... at once');
}

# a binary is only upgraded under a master that is a daemon

$conf =~ s/%%PORT%%/%%PORT1%%/;

# a sanitizer's run time is there for the new binary, too
$conf = $t->conf($conf, main => 'env LD_PRELOAD; env ASAN_OPTIONS;');

$conf =~ s/daemon off;/daemon on;/;
$conf =~ s/nginx\.pid/daemon.pid/;
$conf =~ s/error\.log/daemon.log/;
spew("$dir/daemon.conf", $conf);

system $t->{nginx}, '-c', "$dir/daemon.conf", '-e', "$dir/daemon.log";

my $owner = $$;

sub master { return slurp("$dir/daemon.pid") =~ /(\d+)/ ? $1 : 0 }

END {
    my $left = $$ == $owner && -e "$dir/daemon.pid" ? master() : 0;
    kill 'TERM', $left if $left;
}

sub wait_for {
    my ($code) = @_;

    for (1 .. 500) {
        return 1 if eval { $code->() };
        sleep 0.02;
    }

    return 0;
}

ok(wait_for(sub { master() }), 'a daemon');

my $old = master();

@sum = $load->during('binary upgrade', sub {
    kill 'USR2', $old;
    ok(wait_for(sub { -e "$dir/daemon.pid.oldbin" && master() != $old }),
       'a new master');
    sleep 0.5;
    kill 'QUIT', $old;
    ok(wait_for(sub { !kill 0, $old }), 'the old one ends');
    sleep 0.5;
}, port => 1);

is($sum[1] + $sum[3], 0, '... no request failed');

my $new = master();
kill 'QUIT', $new;
ok(wait_for(sub { !kill 0, $new }), 'the new one ends');
is(join('', grep { /\[(?:alert|emerg)\]/ }
            split /^/, slurp("$dir/daemon.log")), '', '... without an alert');

$t->allow(qr/exited on signal 9/);
$t->done;
