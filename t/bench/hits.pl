#!/usr/bin/env perl
#
# hits.pl [--quick] WORK: pages from memory, set against others' caches.  WORK
# has the programs hit and origin, module.so and ceil.so; all else that is
# written goes there too, but for a folder of proxy_cache's in /dev/shm.
#
# Everybody serves the same bytes: those of the edition that the module makes
# of the pages, plain or as gzip of level 6.  Each server has a worker on the
# first core; the load and the origins are on the second; unix sockets between
# them.  In each round every server answers so many requests for a page as keep
# it busy for a moment, in an order that moves on by one from round to round.
# What counts is the time that the kernel says the worker has been running, and
# its ratio to that of a handler which sends a page from memory (ceil/).

use strict;
use warnings;

use IO::Handle;
use POSIX ();
use Time::HiRes qw(time);

use FindBin ();
use lib $FindBin::Bin;

use Bench;
use Hits;
use Page;
use Stampede;

my ($quick, $work) = arguments();

my $rounds = $quick ? 20 : 60;
my $slice = $quick ? 0.025 : 0.04;     # seconds of a server, a page and round

# name, what its configuration needs
my %servers = (
    editorial   => ['./module.so'],
    ceil        => ['./ceil.so'],
    lua         => ['ndk_http_module', 'ngx_http_lua_module'],
    proxy_cache => [],
    static      => [],
    gzip_static => [],
    varnish     => undef,
);

my $gzip = ['Accept-Encoding: gzip'];

my %rows = (
    identity => [
        [ 'ceil', 'ceil' ],
        [ 'editorial', 'editorial_cache' ],
        [ 'lua', 'lua_shared_dict' ],
        [ 'varnish', 'Varnish' ],
        [ 'proxy_cache', 'proxy_cache on tmpfs' ],
        [ 'static', 'static file, sendfile off' ],
    ],
    gzip => [
        [ 'ceil', 'ceil, compressed bytes', '.gz', $gzip ],
        [ 'editorial', 'editorial_cache', '', $gzip ],
        [ 'lua', 'lua_shared_dict holding gzip', '.gz', $gzip ],
        [ 'varnish', 'Varnish', '.gz', $gzip ],
        [ 'proxy_cache', 'proxy_cache holding gzip', '.gz', $gzip ],
        [ 'gzip_static', 'gzip_static', '', $gzip ],
    ],
    304 => [
        [ 'ceil', 'ceil' ],
        [ 'editorial', 'editorial_cache' ],
        [ 'varnish', 'Varnish' ],
        [ 'proxy_cache', 'proxy_cache on tmpfs' ],
        [ 'static', 'static file' ],
    ],
);

my %edition;
my $owner = $$;
my $tmpfs = (-d '/dev/shm' ? '/dev/shm' : $work) . "/editorial-bench-$$";

END {
    if ($$ == $owner) {
        my $status = $?;

        stop_all();
        system 'rm', '-rf', $tmpfs;
        $? = $status;
    }
}

my $began = time;

STDOUT->autoflush;

mkdir $_ for qw(sources stock temp), $tmpfs;

start_all();

my %cases = (
    identity => [ cases('identity', $rows{identity}, @pages) ],
    gzip => [ cases('gzip', $rows{gzip}, @pages) ],
    304 => [ cases('304', $rows{304}, '100k') ],
);

my @cases = map { @{ $cases{$_} } } qw(identity gzip 304);

check($_) for @cases;
measure(\@cases, $rounds, $slice);

print_cases('Hits: CPU of the worker a request, µs, the least and '
            . "the median of the rounds;\nits ratio to ceil's, of the least "
            . 'and the median of those in a round', $cases{identity});
print_cases('Hits for clients that accept gzip', $cases{gzip});
print_cases('Answers 304', $cases{304});
print_bytes();
print_stampede();

printf "\n%s rounds, %.0f s in all.\n", $rounds, time - $began;


# The editions are the module's own, so it starts first.

sub start_all {
    for my $name (@pages) {
        spew("sources/$name", Page::make($pages{$name}));
    }

    start_origin('origin', 'sources');
    start_tier('editorial', 'editorial', $servers{editorial});

    for my $name (@pages) {
        my $miss = get('editorial', "/$name");

        $edition{$name} = get('editorial', "/$name")->{body};
        $edition{$name} eq $miss->{body}
            or die "editorial: $name from memory is another page\n";
        $edition{$name} =~ / data-editorial="/
            or die "editorial: no furniture in $name\n";

        spew("stock/$name", $edition{$name});
        spew("stock/$name.gz", gzip($edition{$name}));
    }

    start_origin('stock', 'stock');
    start_tier($_, $_, $servers{$_}, TMPFS => "$tmpfs/proxy_cache")
        for grep { !/^(editorial|varnish)$/ } sort keys %servers;
    start_varnish();
}


sub start_varnish {
    my $here = POSIX::getcwd();

    spew('varnish.vcl', fill(slurp("$FindBin::Bin/tiers/varnish.vcl"),
                             LINKS => $tmpfs));
    unlink 'varnish.sock', 'varnish.out';

    # it takes whole paths only, which may be too long for a socket
    symlink "$here/$_.sock", "$tmpfs/$_.sock" for qw(stock slow);
    symlink "$tmpfs/varnish.sock", 'varnish.sock';

    start_server('varnish', 'varnishd', '-F', '-n', "$tmpfs/varnish",
                 '-j', 'none', '-a', "$tmpfs/varnish.sock", '-f',
                 "$here/varnish.vcl", '-s', 'malloc,64m', '-T', 'none',
                 '-p', 'thread_pools=1', '-p', 'thread_pool_min=50');
}


# Does it serve what it is measured for?  From memory, with a length, the very
# edition.

sub check {
    my ($case) = @_;

    my ($what, $name, $page) = @$case{qw(what server page)};
    my $answer = warm($case);
    my @headers = @{ $case->{headers} };

    plain($answer) eq $edition{$page} && $answer->{status} == 200
        or die "$name: $page ($what) is not the page\n";

    if ($what eq '304') {
        my $etag = $answer->{headers}{etag} or die "$name: no ETag\n";

        push @headers, "If-None-Match: $etag";
        $answer = get($name, $case->{path}, @headers);
        $answer->{status} == 304 or die "$name: no 304\n";
    }

    expect($case, $answer, @headers);
}


sub print_bytes {
    print_head('Bytes of the gzip answer, and of one gzip of the edition at '
               . 'level 6', 'edition', 'editorial_cache', 'one gzip', 'ratio');

    for my $case (grep { $_->{server} eq 'editorial' } @{ $cases{gzip} }) {
        my $one = length slurp("stock/$case->{page}.gz");

        printf "| %s | %d | %d | %d | %.2f |\n", $case->{page},
               length $edition{$case->{page}}, $case->{length}, $one,
               $case->{length} / $one;
    }
}


# Readers who all ask for the same cold page, of an origin that takes its time.

sub print_stampede {
    my $times = $quick ? 3 : 5;

    print_head("Stampede: @{[READERS]} readers of a cold page of 100 KB, the "
               . "origin takes @{[1000 * DELAY]} ms, $times times",
               'origin requests, most', 'slowest reader, ms: median, most');

    for my $row ([ 'editorial', 'editorial_cache' ],
                 [ 'proxy_cache', 'proxy_cache_lock' ],
                 [ 'varnish', 'Varnish' ])
    {
        progress("stampede: $row->[0]");

        my @results = map { [ cold($row->[0], "/slow/$_") ] } 1 .. $times;
        my ($asked) = sort { $b <=> $a } map { $_->[0] } @results;
        my @slowest = sort { $a <=> $b } map { 1000 * $_->[1] } @results;

        printf "| %s | %d | %.0f, %.0f |\n", $row->[1], $asked,
               $slowest[$#slowest / 2], $slowest[-1];
    }

    progress('');
}


sub cold {
    my ($name, $path) = @_;

    my $page = slurp('sources/100k');
    my ($asked, $slowest, @bodies) = stampede($path, $page, $name);

    for my $body (@bodies) {
        stripped($body) eq stripped($page) or die "$name: a torn page\n";
    }

    return ($asked, $slowest);
}


# What readers read: the module's furniture does not count.

sub stripped {
    my ($page) = @_;

    $page =~ s{<link rel="stylesheet" href="/furniture/[^>]*>}{};
    $page =~ s{</?(?:aside|mark|blockquote)[^>]*>}{}g;
    $page =~ s{<p class="editorial-disclaimer".*?</p>}{};

    return $page;
}
