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

use Compress::Raw::Zlib qw(WANT_GZIP);
use IO::Handle;
use IO::Select;
use IO::Socket::UNIX;
use POSIX ();
use Time::HiRes qw(sleep time);

use FindBin ();
use lib $FindBin::Bin;

use Bench;
use Page;

use constant {
    READERS => 32,                      # who ask for a cold page at once
    DELAY   => 0.2,                     # s: of the origin, then
    WARM    => 20,                      # answers after which an edition is one
                                        #   that is asked for often
};

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

# What is measured: a server, what it is called, and what its paths end in
# beside the page's name; the first one is what the others are set against.
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
        [ 'ceil', 'ceil, compressed bytes', '.gz' ],
        [ 'editorial', 'editorial_cache' ],
        [ 'lua', 'lua_shared_dict holding gzip', '.gz' ],
        [ 'varnish', 'Varnish', '.gz' ],
        [ 'proxy_cache', 'proxy_cache holding gzip', '.gz' ],
        [ 'gzip_static', 'gzip_static' ],
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

my @cases = cases();

check($_) for @cases;
measure();

print_hits('identity', 'Hits: CPU of the worker a request, µs, the least and '
           . "the median of the rounds;\nits ratio to ceil's, of the least and "
           . 'the median of those in a round', @pages);
print_hits('gzip', 'Hits for clients that accept gzip', @pages);
print_hits('304', 'Answers 304', '100k');
print_bytes();
print_stampede();

printf "\n%s rounds, %.0f s in all.\n", $rounds, time - $began;


# The editions are the module's own, so it starts first.

sub start_all {
    for my $name (@pages) {
        spew("sources/$name", Page::make($pages{$name}));
    }

    start_origin('origin', 'sources');
    start_tier('editorial');

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
    start_tier($_) for grep { !/^(editorial|varnish)$/ } sort keys %servers;
    start_varnish();
}


sub gunzip {
    my ($bytes) = @_;

    my ($z) = Compress::Raw::Zlib::Inflate->new(-WindowBits => WANT_GZIP);
    my $out = '';

    $z->inflate($bytes, $out);

    return $out;
}


# Of its configuration, what stands before "---" goes into http.

sub start_tier {
    my ($name) = @_;

    my ($http, $server) = split /^---\n/m,
                          slurp("$FindBin::Bin/tiers/$name.conf");

    my %words = (
        NAME => $name, HTTP => $http, SERVER => $server,
        TMPFS => "$tmpfs/proxy_cache",
        USER => join(' ', scalar getpwuid $>, scalar getgrgid $)),
        MODULES => load_modules(@{ $servers{$name} }),
    );

    start_nginx($name, fill(fill(slurp("$FindBin::Bin/tiers/nginx.conf"),
                                 %words), %words));
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


# One page, from a connection of its own.

sub get {
    my ($name, $path, @headers) = @_;

    my $c = IO::Socket::UNIX->new("$name.sock") or die "$name: $!\n";

    syswrite $c, request($path, 'Connection: close', @headers);

    local $/;

    return parse($name, scalar <$c>);
}


sub request {
    my ($path, @headers) = @_;

    return join "\r\n", "GET $path HTTP/1.1", 'Host: bench', @headers, '', '';
}


sub parse {
    my ($name, $answer) = @_;

    my ($status, $head, $body) =
        ($answer || '') =~ m{\AHTTP/1\.1 (\d+) .*?\r\n(.*?)\r\n\r\n(.*)\z}s
        or die "$name: no answer, see $work/$name.log\n";

    my %headers = map { lc $1 => $2 if /^([^:]+):\s*(.*)/ } split /\r\n/, $head;

    $body = unchunk($body) if $headers{'transfer-encoding'};

    return { status => $status, headers => \%headers, body => $body };
}


sub unchunk {
    my ($in) = @_;

    my $out = '';

    while ($in =~ /\G([0-9a-f]+)\r\n/gci) {
        my $n = hex $1;

        $out .= substr $in, pos $in, $n;
        pos($in) += $n + 2;
    }

    return $out;
}


# All that is measured: rows of all tables and pages.

sub cases {
    my @cases;

    for my $what (qw(identity gzip 304)) {
        for my $page ($what eq '304' ? '100k' : @pages) {
            push @cases, map { { what => $what, server => $_->[0],
                                 page => $page,
                                 path => "/$page" . ($_->[2] || '') } }
                             @{ $rows{$what} };
        }
    }

    return @cases;
}


# Does it serve what it is measured for?  From memory, with a length, the very
# edition.

sub check {
    my ($case) = @_;

    my ($what, $name, $page) = @$case{qw(what server page)};
    my @headers = $what eq 'gzip' ? ('Accept-Encoding: gzip') : ();
    my $answer = warm($case, @headers);
    my $body = $answer->{body};

    $body = gunzip($body) if $what eq 'gzip';

    $body eq $edition{$page} && $answer->{status} == 200
        or die "$name: $page ($what) is not the page\n";

    if ($what eq '304') {
        my $etag = $answer->{headers}{etag} or die "$name: no ETag\n";

        push @headers, "If-None-Match: $etag";
        $answer = get($name, $case->{path}, @headers);
        $answer->{status} == 304 or die "$name: no 304\n";
    }

    $case->{status} = $answer->{status};
    $case->{length} = length $answer->{body};
    $case->{request} = "$name-$page-$what.request";

    spew($case->{request}, request($case->{path}, @headers));
}


# Until it comes from memory, compressed where that is asked for, and as what is
# asked for often.

sub warm {
    my ($case, @headers) = @_;

    my $name = $case->{server};

    for (1 .. TIMEOUT * 10) {
        my $answer = get($name, $case->{path}, @headers);
        my $coding = $answer->{headers}{'content-encoding'} || 'identity';

        if ($_ > WARM
            && $answer->{headers}{'content-length'}
            && $coding eq (@headers ? 'gzip' : 'identity'))
        {
            return $answer;
        }

        sleep 0.02 if $_ > 2;
    }

    die "$name: $case->{page} does not come as $case->{what}\n";
}


sub measure {
    for my $case (@cases) {
        progress("warming up: $case->{server}, $case->{page}");
        $case->{n} = enough($slice, $slice / 4, sub { run($case, @_) });
    }

    for my $round (1 .. $rounds) {
        for my $what (qw(identity gzip 304)) {
            progress("round $round of $rounds, $what");

            for my $page (@pages) {
                my @these = grep { $_->{what} eq $what && $_->{page} eq $page }
                            @cases;

                for my $case (@these[map { ($_ + $round) % @these }
                                     0 .. $#these])
                {
                    my ($cpu) = run($case, $case->{n});

                    push @{ $case->{cpu} }, 1e6 * $cpu / $case->{n};
                }
            }
        }
    }

    progress('');
}


sub run {
    my ($case, $n) = @_;

    my $name = $case->{server};

    return loaded($name, $case->{page},
                  "./hit $name.sock $case->{request} @{[CONNECTIONS]} $n "
                  . "$case->{status} $case->{length}");
}


sub print_hits {
    my ($what, $title, @columns) = @_;

    print_head($title, map { ($_, 'ratio') } @columns);

    for my $row (@{ $rows{$what} }) {
        my @cells;

        for my $page (@columns) {
            my $case = case_of($what, $row->[0], $page);
            my $ceil = case_of($what, 'ceil', $page);

            push @cells, sprintf('%.1f, %.1f', least($case->{cpu}),
                                 median($case->{cpu})),
                         sprintf '%.2f, %.2f',
                                 least($case->{cpu}) / least($ceil->{cpu}),
                                 median([ map { $case->{cpu}[$_]
                                                / $ceil->{cpu}[$_] }
                                          0 .. $#{ $ceil->{cpu} } ]);
        }

        print_row($row->[1], @cells);
    }
}


sub case_of {
    my ($what, $server, $page) = @_;

    my ($case) = grep { $_->{what} eq $what && $_->{server} eq $server
                        && $_->{page} eq $page } @cases;

    return $case;
}


sub least { (sort { $a <=> $b } @{ $_[0] })[0] }


sub median {
    my @values = sort { $a <=> $b } @{ $_[0] };

    return $values[$#values / 2];
}


sub print_bytes {
    print_head('Bytes of the gzip answer, and of one gzip of the edition at '
               . 'level 6', 'edition', 'editorial_cache', 'one gzip', 'ratio');

    for my $case (grep { $_->{what} eq 'gzip' && $_->{server} eq 'editorial' }
                  @cases)
    {
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

        my @results = map { stampede($row->[0], "/slow/$_") } 1 .. $times;
        my ($asked) = sort { $b <=> $a } map { $_->[0] } @results;
        my @slowest = sort { $a <=> $b } map { 1000 * $_->[1] } @results;

        printf "| %s | %d | %.0f, %.0f |\n", $row->[1], $asked,
               $slowest[$#slowest / 2], $slowest[-1];
    }

    progress('');
}


# One loop is origin and readers: how often it was asked, the slowest's
# seconds.

sub stampede {
    my ($name, $path) = @_;

    my ($asked, $slowest, %reader, %question, @due, @answers) = (0, 0);
    my $page = slurp('sources/100k');
    my $answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                 . "Content-Length: @{[length $page]}\r\n"
                 . "Connection: close\r\n\r\n$page";

    unlink 'slow.sock';

    my $listen = IO::Socket::UNIX->new(Local => 'slow.sock', Listen => 128)
        or die "slow.sock: $!\n";

    chmod 0777, 'slow.sock';

    my $select = IO::Select->new($listen);
    my $start = time;

    for (1 .. READERS) {
        my $c = IO::Socket::UNIX->new("$name.sock") or die "$name: $!\n";

        syswrite $c, request($path, 'Connection: close');
        $select->add($c);
        $reader{$c} = '';
    }

    while (%reader) {
        my $wait = @due ? $due[0][0] - time : TIMEOUT;
        my @ready = $select->can_read($wait > 0 ? $wait : 0);

        die "$name: no answer for @{[TIMEOUT]} s\n" if !@ready && !@due;

        while (@due && $due[0][0] <= time) {
            my $c = (shift @due)->[1];

            $c->blocking(1);
            print $c $answer;
            close $c;
        }

        for my $c (@ready) {

            if ($c == $listen) {
                my $new = $listen->accept;

                $select->add($new);
                $question{$new} = '';
                next;
            }

            my $to = exists $reader{$c} ? \$reader{$c} : \$question{$c};
            my $n = sysread $c, $$to, 1 << 16, length $$to;

            if (exists $reader{$c}) {
                next if $n;

                $slowest = time - $start;
                push @answers, delete $reader{$c};
                $select->remove($c);

            } elsif (!$n || $$to =~ /\r\n\r\n/) {
                $select->remove($c);
                delete $question{$c};

                if ($n) {
                    $asked++;
                    push @due, [ time + DELAY, $c ];
                }
            }
        }
    }

    unlink 'slow.sock';

    for my $body (map { parse($name, $_)->{body} } @answers) {
        stripped($body) eq stripped($page) or die "$name: a torn page\n";
    }

    return [ $asked, $slowest ];
}


# What readers read: the module's furniture does not count.

sub stripped {
    my ($page) = @_;

    $page =~ s{<link rel="stylesheet" href="/furniture/[^>]*>}{};
    $page =~ s{</?(?:aside|mark|blockquote)[^>]*>}{}g;
    $page =~ s{<p class="editorial-disclaimer".*?</p>}{};

    return $page;
}
