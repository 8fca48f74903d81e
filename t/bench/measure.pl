#!/usr/bin/env perl
#
# measure.pl [--quick] WORK: what t/bench/run has built is set against its
# peers.  WORK has the programs load, origin and core, and module.so; all else
# that is written goes there too.
#
# One nginx for each peer, a worker of it on the first core; load and origin
# on the second; unix sockets between them.  In each round every peer answers
# as many requests for a page as keep it busy for a moment, page by page, in an
# order that moves on by one from round to round.  Rounds are many and short,
# so that what else the machine does meets all of them alike.  What counts is
# the time that the kernel says the worker has been running, and of that what a
# peer takes more than the proxy alone did in the same round.

use strict;
use warnings;

use Compress::Raw::Zlib qw(Z_SYNC_FLUSH);
use IO::Handle;
use IO::Socket::UNIX;
use POSIX ();
use Time::HiRes qw(sleep time);

use FindBin ();
use lib $FindBin::Bin;

use Bench;
use Furniture;
use Hostile;
use Page;

use constant {
    HELD    => 200,                     # connections that wait half-way
    PIECE   => 16,                      # KB: buffers, where CPU is measured
    HOSTILE => 1024 * 1024,             # bytes of a page made to be slow
};

my ($quick, $work) = arguments();

my $rounds = $quick ? 5 : 25;
my $slice = $quick ? 0.1 : 0.15;        # seconds of a peer, a page and round

# name, what it is called in the tables, its modules
my @peers = (
    [ 'pass', 'pass-through' ],
    [ 'editorial', 'editorial', './module.so' ],
    [ 'lua', 'Lua body filter, string.find',
      'ndk_http_module', 'ngx_http_lua_module' ],
    [ 'sub_filter_once', 'sub_filter, three, once' ],
    [ 'sub_filter', 'sub_filter, three, every time' ],
    [ 'subs_filter', 'subs_filter, three regexes',
      'ngx_http_subs_filter_module' ],
    [ 'njs', 'njs, Buffer.indexOf', 'ngx_http_js_module' ],
    [ 'xslt', 'xslt', 'ngx_http_xslt_filter_module' ],
);

my %called = map { $_->[0] => $_->[1] } @peers;

my $user = join ' ', scalar getpwuid $>, scalar getgrgid $);
my (%page, %length, %requests, %cpu, %core, %rate);

my $began = time;

STDOUT->autoflush;

mkdir $_ for qw(pages temp);
make_pages();
start_origin('origin', 'pages');
start_peer($_, sprintf 'proxy_buffer_size %dk; proxy_buffers 16 %1$dk;',
                       PIECE) for @peers;

check($_) for map { my $page = $_; map { [ $_->[0], $page ] } @peers } @pages;
measure();
stop($_->[0]) for @peers;

print_machine();
print_cpu();
print_rates();
print_instructions();
print_hostile();
print_memory();

printf "\n%s rounds, %.0f s in all.\n", $rounds, time - $began;


# The pages, whole and up to the middle of the article, plain and as gzip.

sub make_pages {
    for my $name (@pages) {
        $page{$name} = Page::make($pages{$name});

        my $half = substr $page{$name}, 0, half_of($page{$name});

        spew("pages/$name", $page{$name});
        spew("pages/$name.gz", gzip($page{$name}));
        spew("pages/half-$name", $half);
        spew("pages/half-$name.gz", gzip($half, Z_SYNC_FLUSH));
    }
}


sub article_of {
    my ($page) = @_;

    my $start = rindex $page, '<', index $page, 'itemprop="articleBody"';

    return ($start, index $page, Page::STORY_END);
}


sub half_of {
    my ($start, $end) = article_of(@_);

    return int(($start + $end) / 2);
}


sub start_peer {
    my ($peer, $buffers) = @_;

    my ($name, undef, @modules) = @$peer;
    my %local = (%words, USER => $user, NAME => $name, BUFFERS => $buffers,
                 MODULES => load_modules(@modules));

    $local{LOCATION} = fill(slurp("$FindBin::Bin/peers/$name.conf"), %local);

    for my $file ($local{LOCATION} =~ /\b(insert\.\w+);/g) {
        spew($file, fill(slurp("$FindBin::Bin/peers/$file"), %words));
    }

    start_nginx($name, fill(slurp("$FindBin::Bin/peers/nginx.conf"), %local));
}


# One page, from a connection of its own.

sub get {
    my ($name, $path) = @_;

    my $c = IO::Socket::UNIX->new("$name.sock") or die "$name: $!\n";

    syswrite $c, "GET /$path HTTP/1.0\r\nHost: bench\r\n\r\n";

    local $/;

    my $answer = <$c>;

    $answer =~ s{\AHTTP/1\.1 200 .*?\r\n\r\n}{}s
        or die "$name: no page, see $work/$name.log\n";

    return $answer;
}


# Does a peer do what it is measured for?  Its three insertions must be there,
# once each, and without them it must be the page; only xslt, which writes the
# page anew, is believed the rest.

sub check {
    my ($name, $page) = @{ $_[0] };

    my $body = get($name, $page);

    $length{$name}{$page} = length $body;

    my @furniture = $body =~ /<(?:aside|p)[^>]* data-editorial="([^"]+)"/g;
    my $expected = $name eq 'pass' ? ''
                 : 'read_more/box pull_quote/quote disclaimer/standard';

    join(' ', @furniture) eq $expected
        or die "$name: furniture of $page: @furniture\n";

    return if $name eq 'xslt';

    without($body) eq $page{$page}
        or die "$name: $page is not the page plus furniture\n";

    if ($name eq 'editorial') {
        $body =~ /<mark / or die "$name: no highlight in $page\n";
        $body eq get($name, "$page.gz")
            or die "$name: another $page from a gzip origin\n";
    }
}


sub measure {
    for my $page (@pages) {
        progress("warming up: $page");

        for my $name (map { $_->[0] } @peers) {
            $requests{$name}{$page} = enough($slice, $slice / 2, sub {
                run($name, $page, @_) });
        }
    }

    for my $round (1 .. $rounds) {
        progress("round $round of $rounds");

        for my $page (@pages) {
            round($_->[0], $page) for @peers[map { ($_ + $round) % @peers }
                                             0 .. $#peers];

            push @{ $core{$page} }, core($page);
        }
    }

    progress('');
}


sub round {
    my ($name, $page) = @_;

    my $n = $requests{$name}{$page};
    my ($cpu, $seconds) = run($name, $page, $n);

    push @{ $cpu{$name}{$page} }, 1e6 * $cpu / $n;
    push @{ $rate{$name}{$page} }, $n / $seconds;
}


# What the core takes for a page by itself, in µs.

sub core {
    my ($page) = @_;

    my $n = POSIX::ceil(20e6 / length $page{$page});
    my $said = `taskset -c @{[WORKER_CORE]} ./core rewrite $n @{[
                PIECE * 1024]} pages/$page`;

    die "the core failed on $page\n" if $? != 0;

    return $said / 1000 / $n;
}


sub run {
    my ($name, $page, $n) = @_;

    return loaded($name, $page, "./load $name.sock /$page @{[CONNECTIONS]} $n "
                                . $length{$name}{$page});
}


sub print_machine {
    my ($model) = slurp('/proc/cpuinfo') =~ /^model name\s*:\s*(.*)$/m;
    my $cores = () = slurp('/proc/cpuinfo') =~ /^processor\s*:/mg;
    my ($load) = slurp('/proc/loadavg') =~ /^(\S+)/;
    my (undef, undef, $kernel, undef, $machine) = POSIX::uname();
    my ($os) = slurp('/etc/os-release') =~ /^PRETTY_NAME="(.*)"$/m;
    my $nginx = `dpkg-query -W -f '\${Version}' nginx`;

    printf "%s, %d cores, %s; %s, Linux %s; nginx %s; load %s\n",
           $model || 'unknown processor', $cores, $machine, $os, $kernel,
           $nginx, $load;

    print "\n| page | bytes | article | its place |\n|---|---|---|---|\n";

    for my $name (@pages) {
        my ($start, $end) = article_of($page{$name});
        my $size = length $page{$name};

        printf "| %s | %s | %s | %.0f-%.0f %% |\n", $name, $size,
               $end - $start, 100 * $start / $size, 100 * $end / $size;
    }
}


# Added CPU is the median of differences within a round; quartiles show how
# far it can be trusted.

sub print_cpu {
    my %added;

    print_head("CPU of the worker a request, µs, with buffers of @{[PIECE]} KB"
               . ': in all, and what is added to pass-through (with quartiles)',
               map { ($_, 'added') } @pages);

    for my $peer (@peers) {
        my $name = $peer->[0];
        my @cells;

        for my $page (@pages) {
            my @pass = @{ $cpu{pass}{$page} };
            my @added = map { $cpu{$name}{$page}[$_] - $pass[$_] } 0 .. $#pass;

            $added{$name}{$page} = quantile(0.5, @added);

            push @cells, number(quantile(0.5, @{ $cpu{$name}{$page} })),
                         $name eq 'pass' ? ''
                         : sprintf '%s (%s…%s)', map { number($_) }
                                                     quartiles(@added);
        }

        print_row($peer->[1], @cells);
    }

    print_row('the core by itself', map { ('', sprintf '%s (%s…%s)',
              map { number($_) } quartiles(@{ $core{$_} })) } @pages);

    print_head('What editorial adds, as a ratio to what a peer adds', @pages);

    for my $peer (@peers) {
        my $name = $peer->[0];

        next if $name =~ /^(pass|editorial)$/;

        print_row($peer->[1], map {
            $added{$name}{$_} > 0 ? sprintf '%.2f', $added{editorial}{$_}
                                                    / $added{$name}{$_}
                                  : '-' } @pages);
    }
}


sub print_rates {
    print_head('Requests a second, for what they are worth', @pages);

    for my $peer (@peers) {
        print_row($peer->[1], map {
            sprintf '%.0f', quantile(0.5, @{ $rate{$peer->[0]}{$_} }) } @pages);
    }
}


sub print_instructions {
    my %what = (tree => 'tokenizer and element stack, whole page',
                rewrite => 'all of the core, article to its end');

    print_head('Instructions of the core a byte of the page, in pieces of '
               . "@{[PIECE]} KB (callgrind)", @pages);

    for my $mode (qw(tree rewrite)) {
        progress("callgrind: $mode");

        print_row($what{$mode}, map {
            sprintf '%.1f', (instructions($mode, 6, $_)
                             - instructions($mode, 2, $_))
                            / 4 / length $page{$_} } @pages);
    }

    progress('');
}


# The slowest of the pages that are made to be slow, the best of some times.

sub print_hostile {
    my %took;

    for my $name (Hostile::names()) {
        progress("hostile: $name");
        spew('pages/hostile', Hostile::make($name, HOSTILE));

        for (1 .. ($quick ? 3 : 10)) {
            my $said = `taskset -c @{[WORKER_CORE]} ./core hostile 1 @{[
                        PIECE * 1024]} pages/hostile`;

            die "the core failed on $name\n" if $? != 0;

            my $ms = $said / 1e6;

            $took{$name} = $ms if !defined $took{$name} || $ms < $took{$name};
        }
    }

    unlink 'pages/hostile';

    my @slowest = (sort { $took{$b} <=> $took{$a} } keys %took)[0 .. 7];

    print "\nThe core, ms of CPU, on hostile pages of 1 MB: the slowest of ",
          scalar keys %took, " kinds\n\n",
          "| an article of | ms |\n|---|--:|\n",
          map { sprintf "| %s | %.1f |\n", $_, $took{$_} } @slowest;

    progress('');
}


sub instructions {
    my ($mode, $times, $page) = @_;

    my $valgrind = 'valgrind --tool=callgrind --callgrind-out-file=core.cg';
    my $said = `$valgrind ./core $mode $times @{[PIECE * 1024]} pages/$page 2>&1`;

    $? == 0 && $said =~ /Collected : (\d+)/ or die "valgrind: $said\n";

    return $1;
}


# What a worker grows by when it holds so many responses, each of which has
# come to the middle of its article.  Lua is not asked: it keeps equal strings
# once, so that a page held by all of them would seem to cost it nothing.

sub print_memory {
    my @held = $quick ? '100k' : qw(100k 1m);

    print_head("Memory of the worker a request, KB, with @{[HELD]} of them "
               . 'held half-way through the article', @held);
    print_row('half the article itself', map {
        my ($start, $end) = article_of($page{$_});
        sprintf '%.0f', ($end - $start) / 2048 } @held);

    for my $peer (grep { $_->[0] =~ /^(pass|editorial|sub_filter)$/ }
                       @peers)
    {
        for my $coding ('', '.gz') {
            next if $coding && $peer->[0] eq 'sub_filter';

            print_row($peer->[1] . ($coding && ', gzip origin'),
                map { sprintf '%.0f', growth($peer, "$_$coding") / HELD }
                    @held);
        }
    }

    progress('');
}


sub growth {
    my ($peer, $page) = @_;

    my $name = $peer->[0];

    progress("memory: $name, $page");
    start_peer($peer, '');

    my $worker = worker_of($name);

    get($name, $page) for 1 .. 3;

    my $before = settled($worker);

    open my $stdin, '|-', 'taskset', '-c', OTHER_CORE, './load', '--hold',
         "$name.sock", "/half-$page", HELD
        or die "load: $!\n";

    sleep 0.5;

    my $after = settled($worker);

    close $stdin or die "$name: the load failed on half-$page\n";
    stop($name);

    return $after - $before;
}


# A process' own memory in KB, once it has stood still for half a second.

sub settled {
    my ($pid) = @_;

    my ($last, $since) = (-1, time);

    for (1 .. TIMEOUT * 20) {
        my ($now) = slurp("/proc/$pid/status") =~ /^RssAnon:\s+(\d+)/m
            or die "the worker has gone\n";

        ($last, $since) = ($now, time) if $now != $last;

        return $now if time - $since > 0.5;

        sleep 0.05;
    }

    return $last;
}


sub quantile {
    my ($q, @values) = @_;

    @values = sort { $a <=> $b } @values;

    my $at = $q * $#values;
    my $low = int $at;

    return $values[$low] if $low == $#values;

    return $values[$low] + ($at - $low) * ($values[$low + 1] - $values[$low]);
}


sub quartiles {
    my @values = @_;

    return map { quantile($_, @values) } 0.5, 0.25, 0.75;
}


sub number { sprintf $_[0] < 100 ? '%.1f' : '%.0f', $_[0] }
