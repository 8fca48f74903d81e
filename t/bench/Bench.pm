package Bench;

# What the measurements stand on: servers of which a worker is on the first
# core, the load and the origins on the second, unix sockets between them, and
# the time that the kernel says a worker has been running:
#
#     my ($quick, $work) = arguments();       # all is relative to WORK then
#
#     start_origin('origin', 'pages');
#     start_nginx('editorial', $conf);        # listens on editorial.sock
#
#     my ($cpu, $seconds) = loaded('editorial', '30k', './load ...');
#
# What has been started ends with the script, however that ends.

use strict;
use warnings;

use Compress::Raw::Zlib qw(WANT_GZIP Z_FINISH Z_OK);
use Exporter qw(import);
use FindBin ();
use IO::Handle;
use IO::Socket::UNIX;
use POSIX ();
use Time::HiRes qw(sleep);

use constant {
    WORKER_CORE => 0,
    OTHER_CORE  => 1,
    CONNECTIONS => 16,
    MODULES     => '/usr/lib/nginx/modules',
    TIMEOUT     => 20,                  # seconds, for anything
};

our @EXPORT = qw(
    WORKER_CORE OTHER_CORE CONNECTIONS TIMEOUT @pages %pages
    arguments start_origin start_nginx start_server start_store signal stop
    stop_all worker_of load_modules fill enough loaded gzip print_head
    print_row progress slurp spew
);

our %pages = ('30k' => 30_000, '100k' => 100_000, '1m' => 1_000_000);
our @pages = qw(30k 100k 1m);

my %running;
my $owner = $$;

$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);
$SIG{PIPE} = 'IGNORE';

END {
    if ($$ == $owner) {
        my $status = $?;

        stop_all();
        $? = $status;
    }
}


# Whether to be quick, and WORK, which is the folder from here on: paths of
# sockets are short.

sub arguments {
    my $quick = @ARGV && $ARGV[0] eq '--quick' && shift @ARGV;
    my $work = shift @ARGV
        or die "usage: $FindBin::Script [--quick] WORK\n";

    chdir $work or die "$work: $!\n";

    return ($quick, $work);
}


# Starts a process on a core; it ends with us or by stop().

sub start {
    my ($name, $core, @command) = @_;

    pipe my $read, my $write or die "pipe: $!";

    my $pid = fork;

    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        open STDIN, '<&', $read;
        open STDOUT, '>>', "$name.out";
        open STDERR, '>>', "$name.out";
        close $write;
        exec 'taskset', '-c', $core, @command;
        warn "taskset: $!\n";
        POSIX::_exit(1);
    }

    $running{$name} = { pid => $pid, stdin => $write };

    for (1 .. TIMEOUT * 50) {
        return if IO::Socket::UNIX->new("$name.sock");

        if (waitpid($pid, POSIX::WNOHANG()) > 0) {
            delete $running{$name};
            last;
        }

        sleep 0.02;
    }

    die "$name did not start: ", slurp("$name.out"), slurp("$name.log"), "\n";
}


sub stop {
    my ($name) = @_;

    my $process = delete $running{$name} or return;
    my $pid = $process->{pid};

    close $process->{stdin};
    kill $_, $pid for qw(TERM CONT);

    for (1 .. 250) {
        return if waitpid($pid, POSIX::WNOHANG()) > 0;
        sleep 0.02;
    }

    # a master stays for its worker, which must go first
    kill 'KILL', grep { $_ } $process->{worker}, $pid;
    waitpid $pid, 0;
}


sub stop_all { stop($_) for keys %running }


sub start_origin {
    my ($name, $folder) = @_;

    unlink "$name.sock", "$name.out";
    start($name, OTHER_CORE, './origin', "$name.sock", $folder);
}


sub start_nginx {
    my ($name, $conf) = @_;

    spew("$name.conf", $conf);
    unlink map { "$name.$_" } qw(sock log out);

    start_server($name, $ENV{EDITORIAL_NGINX} || '/usr/sbin/nginx',
                 '-p', '.', '-c', "$name.conf", '-e', "$name.log");
}


# What servers ask; beside the load, as the origins are.

sub start_store {
    my ($name, @command) = @_;

    unlink "$name.sock", "$name.out";
    start($name, OTHER_CORE, @command);
}


sub signal {
    my ($name, $signal) = @_;

    kill $signal, $running{$name}{pid};
}


# A master that has one worker.

sub start_server {
    my ($name, @command) = @_;

    start($name, WORKER_CORE, @command);

    $running{$name}{worker} = child_of($running{$name}{pid});
}


sub worker_of { $running{$_[0]}{worker} }


sub child_of {
    my ($parent) = @_;

    for (1 .. TIMEOUT * 50) {

        for my $stat (glob '/proc/[0-9]*/stat') {
            my ($pid, $ppid) = slurp($stat) =~ /^(\d+) \(.*\) \S (\d+)/s
                or next;

            return $pid if $ppid == $parent;
        }

        sleep 0.02;
    }

    die "a server has no worker\n";
}


# Of an nginx.conf, for Debian's modules by name and others by path.

sub load_modules {
    return join "\n", map {
        'load_module ' . (m{/} ? $_ : MODULES . "/$_.so") . ';' } @_;
}


# %%raw:WORD%%, %%conf:WORD%% quoted for nginx.conf, %%regex:WORD%% as a regex
# that finds it too, and %%WORD%% where it is all ours.

sub fill {
    my ($text, %words) = @_;

    $text =~ s{%%(?:(\w+):)?(\w+)%%}{
        my ($how, $word) = ($1 || 'raw', $words{$2});

        $word = quotemeta $word if $how eq 'regex';

        if ($how ne 'raw') {
            $word =~ s/(["\\])/\\$1/g;
            $word = qq{"$word"};
        }

        $word}ge;

    return $text;
}


# How many requests keep a server busy for one slice, if loaded() is called
# with so many: tried until it takes longer than the trial, which warms it up,
# too.

sub enough {
    my ($slice, $trial, $loaded) = @_;

    my $n = CONNECTIONS;

    for (;;) {
        my (undef, $seconds) = $loaded->($n);

        if ($seconds > $trial) {
            $n = POSIX::ceil($n * $slice / $seconds);
            return $n > 2 * CONNECTIONS ? $n : 2 * CONNECTIONS;
        }

        $n *= 3;
    }
}


# While a command is its client: the worker's seconds, all that passed, and how
# many answers were slow, which two the client prints (client.h).

sub loaded {
    my ($name, $page, $command) = @_;

    my $worker = worker_of($name);
    my $before = cpu_of($worker);
    my $said = `taskset -c @{[OTHER_CORE]} $command`;

    die "$name: the load failed on $page\n" if $? != 0;

    # what it does after the last byte is the request's too
    sleep 0.005;

    my ($ns, $slow) = split ' ', $said;

    return (cpu_of($worker) - $before, $ns / 1e9, $slow);
}


# Seconds that the threads of a process have been on a processor; without
# schedstat in ticks.

sub cpu_of {
    my ($pid) = @_;

    my $sum = 0;

    for my $file (glob "/proc/$pid/task/*/schedstat") {
        $sum += $1 if slurp($file) =~ /^(\d+) /;
    }

    return $sum / 1e9 if $sum;

    my @stat = split / /, slurp("/proc/$pid/stat") =~ s/^.*\) //sr;

    @stat > 12 or die "the worker has gone\n";

    return ($stat[11] + $stat[12]) / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}


# As gzip -6; with Z_SYNC_FLUSH all of it can be read, but more is to come.

sub gzip {
    my ($bytes, $flush) = @_;

    my ($z) = Compress::Raw::Zlib::Deflate->new(-WindowBits => WANT_GZIP,
                                                -Level => 6,
                                                -AppendOutput => 1);
    my $out = '';

    $z->deflate($bytes, $out) == Z_OK
        && $z->flush($out, defined $flush ? $flush : Z_FINISH) == Z_OK
        or die "zlib\n";

    return $out;
}


# What begins a table of numbers: its title, and what the columns are called
# that come after the rows' names.

sub print_head {
    my ($title, @columns) = @_;

    print "\n$title\n\n| ";
    print_row(@columns);
    print '|---', '|--:' x @columns, "|\n";
}


sub print_row { print '| ', join(' | ', @_), " |\n" }


sub progress {
    return unless -t STDERR;

    STDERR->printflush("\r$_[0]\e[K");
}


sub slurp {
    my ($file) = @_;

    open my $fh, '<:raw', $file or return '';
    local $/;

    my $content = <$fh>;

    return defined $content ? $content : '';
}


sub spew {
    my ($file, $content) = @_;

    open my $fh, '>:raw', $file or die "$file: $!\n";
    print $fh $content;
    close $fh or die "$file: $!\n";
}


1;
