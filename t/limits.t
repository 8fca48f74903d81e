#!/usr/bin/perl

# What is too much for us goes through as it came; the log says what was too
# much, once a second.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;

my %pages = (
    '/held' => '<article>' . '<p>One two three.</p>' x 60_000 . '</article>x',
    '/open' => '<article>' . '<p>One two three.</p>' x 60_000,
    '/depth' => '<article>' . '<div>' x 300 . '<p>x</p></article>',
    '/token' => '<article><p title="' . 'x' x 70_000 . '">x</p></article>',
    '/outside' => '<p title="' . 'x' x 70_000 . '"></p><article></article>',
    '/charset' => '<meta charset="utf-7"><article><p>x</p></article>',
    '/done' => article(after => ''),
    '/nul' => "\0<article>\0<p>\0</p></article>\xff\xfe\x80",
);

$pages{'/done'} =~ s{<h1>}{<h1 data-editorial="read_more/box">};

my %skips = ('/held' => 'HELD', '/open' => 'HELD', '/depth' => 'DEPTH',
             '/token' => 'TOKEN', '/outside' => 'TOKEN');

$t->origin((map { ($_ => { body => $pages{$_} }) } keys %pages),
           map { ("/size$_" => { body => $pages{$_}, size => 4093 }) }
               keys %pages);

$t->run(<<'END');
server {
    listen %%PORT%%;

    editorial on;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }
}
END

my %reasons;

for my $path (sort keys %pages) {
    for my $way ('', '/size') {
        my $r = $t->get("$way$path");

        same($r->{body}, $pages{$path}, "$way$path: as it came");
        ok($r->{whole}, '... complete');

        my $skip = $t->last_access->{skip};

        isnt($skip, '', "... because of: $skip");
        is($skip, $reasons{$path}, '... the same') if $way;
        $reasons{$path} = $skip;
    }
}

my $log = $t->log;

like($log, qr/\[warn\].*editorial: .*article exceeds.*\(1048576\)/,
     'an article too long to hold');
like($log, qr/\[warn\].*editorial: .*nested deeper.*\(256\)/, 'too deep');
like($log, qr/\[warn\].*editorial: .*tag.*\(65536\)/, 'a tag too long');
unlike($log, qr/editorial: .*(charset|data-editorial)/,
       'what is no failure is not logged');

# once a second

my $began = time;
my $before = () = $t->log =~ /nested deeper/g;

$t->get('/depth') for 1 .. 40;

my $seconds = time - $began + 1;
my $lines = (() = $t->log =~ /nested deeper/g) - $before;

cmp_ok($lines, '<=', $seconds + 1, "40 times: $lines lines");

sleep 1;
$t->get('/depth');
like($t->log, qr/nested deeper.*\(\d+ more like it before\)/,
     'the next line says how many it stands for');

# a request costs little, but for the article that is held

SKIP: {
    skip('under a sanitizer', 1) if $t->sanitized;

    my $memory = memory();

    $t->get($_) for ('/nul') x 50, ('/charset') x 50;
    cmp_ok(memory() - $memory, '<', 2000, 'requests leave no memory behind');
}

$t->done;


# The worker's memory, in KB.

sub memory {
    for my $file (glob '/proc/[0-9]*/status') {
        my $status = slurp($file);

        next unless $status =~ /^PPid:\s+$t->{pid}$/m;
        return $1 if $status =~ /^VmRSS:\s+(\d+)/m;
    }

    return 0;
}
