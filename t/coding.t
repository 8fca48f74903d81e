#!/usr/bin/perl

# An origin that compresses: gzip and deflate are inflated, what cannot be
# read passes, and what is damaged never looks complete.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article(n => 200);
my $gzip = gzip($page);
my @gzip = ('Content-Encoding: gzip');
my @deflate = ('Content-Encoding: deflate');

my $middle = $gzip;
substr($middle, length($middle) / 2) = "\xff" x 2000;

my $crc = $gzip;
substr($crc, -8, 4) = "\0\0\0\0";

my $bomb = gzip('<article><p>One</p></article>' . ' ' x 60_000_000);
my $half = length($page) / 2;
my $members = gzip(substr $page, 0, $half) . gzip(substr $page, $half);

# a gzip header with a name that is longer than any that waits for it
my $named = "\x1f\x8b\x08\x08" . "\0" x 6 . 'n' x 3000 . "\0"
            . substr($gzip, 10);

my %good = (
    'gzip' => [ $gzip, @gzip ],
    'x-gzip' => [ $gzip, 'Content-Encoding: X-GZIP' ],
    'deflate' => [ deflate($page), @deflate ],
    'raw deflate' => [ raw_deflate($page), @deflate ],
    'identity' => [ $page, 'Content-Encoding: identity' ],
    'two members' => [ $members, @gzip ],
    'an empty member' => [ gzip('') . $gzip, @gzip ],
    'garbage behind it' => [ "${gzip}garbage", @gzip ],
    'zeros behind it' => [ $gzip . "\0" x 512, @gzip ],
    'half a magic behind it' => [ "$gzip\x1f", @gzip ],
    'a long name' => [ $named, @gzip ],
);

my %broken = (
    'plain text' => [ $page, $page, @gzip ],
    'plain text as deflate' => [ $page, $page, @deflate ],
    'a magic and no more' => [ "\x1f\x8b", "\x1f\x8b", @gzip ],
    'a header and no more' => [ substr($gzip, 0, 10), substr($gzip, 0, 10),
                                @gzip ],
    'a bad first block' => [ substr($gzip, 0, 10) . "\xff" x 100,
                             substr($gzip, 0, 10) . "\xff" x 100, @gzip ],
);

my $n = 0;
my (%path, %origin);

for my $set (\%good, \%broken) {
    for my $name (sort keys %$set) {
        my ($body, @headers) = grep { 1 } @{ $set->{$name} };
        shift @headers if $set == \%broken;

        $path{$name} = '/' . ++$n;

        $origin{$path{$name}} = { body => $body, headers => \@headers };
        $origin{"$path{$name}/1"} = { body => $body, headers => \@headers,
                                      size => 1 };
        $origin{"$path{$name}/99"} = { body => $body, headers => \@headers,
                                       size => 99 };
    }
}

$t->origin(%origin,
    '/br' => { body => 'brotli', headers => ['Content-Encoding: br'] },
    '/long' => { body => 'x', headers => ['Content-Encoding: ' . 'x' x 500] },
    '/both' => { body => 'x', headers => ['Content-Encoding: gzip, gzip'] },
    '/empty' => { body => '', headers => \@gzip },
    '/middle' => { body => $middle, headers => \@gzip },
    '/crc' => { body => $crc, headers => \@gzip },
    '/truncated' => { body => substr($gzip, 0, -200), headers => \@gzip },
    '/trailer' => { body => substr($gzip, 0, -4), headers => \@gzip },
    '/cut-early' => { body => substr($gzip, 0, 5), headers => \@gzip,
                      cut => 1 },
    '/cut' => { body => substr($gzip, 0, -200), headers => \@gzip, cut => 1 },
    '/bomb' => { body => $bomb, headers => \@gzip },
    '/slow' => { chunks => [ substr($gzip, 0, 1), \0.3, substr($gzip, 1) ],
                 headers => \@gzip });

$t->run(<<'END');
server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }
}
END

for my $name (sort keys %good) {
    for my $path ($path{$name}, "$path{$name}/1", "$path{$name}/99") {
        my $r = $t->get($path, 'Accept-Encoding: gzip');

        same(stripped($r->{body}), $page, "$name ($path): every byte");
        like(furnished($r->{body}), qr{disclaimer/standard}, '... furnished');
        is($r->{headers}{'content-encoding'},
           undef, '... without its coding');
        ok($r->{whole}, '... complete');
    }
}

for my $name (sort keys %broken) {
    for my $path ($path{$name}, "$path{$name}/1", "$path{$name}/99") {
        my $r = $t->get($path, 'Accept-Encoding: gzip');
        my ($body, undef, $header) = @{ $broken{$name} };

        same($r->{body}, $body, "$name ($path): as it came");
        is("Content-Encoding: $r->{headers}{'content-encoding'}", $header,
           '... with its coding');
        is($r->{headers}{'content-length'}, $path =~ m{/.*/} ? undef
           : length $body, '... and its length');
        is($t->last_access->{skip}, 'broken coding', '... and why');
    }
}

like($t->log, qr/a body is not in its Content-Encoding "gzip"/,
     'the log says so');

my $r = $t->get('/br');
is($r->{body}, 'brotli', 'another coding passes');
is($r->{headers}{'content-encoding'}, 'br', '... with its header');
is($t->last_access->{skip}, 'coding br', '... and why');

$t->get('/long');
is($t->last_access->{skip}, 'coding ' . 'x' x 32, 'a long name is cut');

$t->get('/both');
is($t->last_access->{skip}, 'coding gzip, gzip', 'two codings are not one');

$r = $t->get('/empty');
is($r->{body}, '', 'an empty body');
is($r->{status}, 200, '... passes');
ok($r->{whole}, '... and is complete');

for my $path ('/middle', '/crc', '/truncated', '/trailer', '/cut') {
    $r = $t->get($path);

    my $body = stripped($r->{body});

    # bad bits may mean bytes before they mean nothing
    $body = substr $body, 0, length($page) / 3 if $path eq '/middle';

    ok(!$r->{whole}, "$path: not complete");
    cmp_ok(length $body, '>', length($page) / 4, '... what came before came')
        if $path ne '/cut';
    same($body, substr($page, 0, length $body), '... and was right');
}

like($t->log, qr/editorial: inflate\(\) failed: /, 'the log says why');

$r = $t->get('/cut-early');
is($r->{status}, 200, 'cut in its first bytes: the header comes');
same($r->{body}, substr($gzip, 0, 5), '... and what there was');
ok(!$r->{whole}, '... and it is not complete');

is($t->get('/1')->{status}, 200, 'nothing else suffered');

$r = $t->get('/slow');
same(stripped($r->{body}), $page, 'a first byte alone');
cmp_ok($r->{arrivals}[0][0], '>', 0.25, '... makes the header wait');

$r = $t->head($path{gzip});
is($r->{headers}{'content-encoding'}, undef, 'HEAD says what GET says');
is($r->{headers}{'content-length'}, undef, '... of its length too');

# a bomb: much more out than in, and nobody to take it

my $before = memory();

$r = $t->get('/bomb', { rcvbuf => 4096, bytes => 4096, stop => 200_000,
                        pause => 0.005 });

my $grown = memory() - $before;

cmp_ok(length $r->{body}, '>', 100_000, 'a bomb goes off');
cmp_ok($grown, '<', 8_000, "slowly (${grown} KB more)");

$t->done;


# The largest worker's memory, in KB.

sub memory {
    my $most = 0;

    for my $file (glob '/proc/[0-9]*/status') {
        my $status = slurp($file);

        next unless $status =~ /^PPid:\s+$t->{pid}$/m;
        next unless $status =~ /^VmHWM:\s+(\d+)/m;

        $most = $1 if $1 > $most;
    }

    return $most;
}
