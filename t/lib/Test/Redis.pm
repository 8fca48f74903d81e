package Test::Redis;

# A Redis for a test: a real one, or one that answers what it is told to.
#
#     my $redis = Test::Redis->server('requirepass secret');
#
#     $redis->command('SET', 'key', 'value');
#     $redis->stop;   $redis->start;        # the port stays
#     $redis->pause;  $redis->resume;       # it hangs
#
#     my $fake = Test::Redis->fake;
#
#     $fake->answer('GET half' => ["\$10\r\nabc", \0.2, 'defghij', undef]);
#     $fake->answer('ROLE' => "*1\r\n\$5\r\nslave\r\n");
#
# What the fake answers is found by the command and its first argument, or by
# the command alone: bytes, or a list of bytes, \SECONDS to wait, and undef to
# close the connection.  An empty list is no answer at all.  It greets as a
# Redis does, unless told otherwise, and knows nothing else.
#
# address() is HOST:PORT, path() that of a socket.  All ends with the test.

use strict;
use warnings;

use File::Path ();
use File::Temp ();
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX ();
use Storable ();
use Time::HiRes qw(sleep);

use Test::Editorial ();

use constant {
    TIMEOUT => 15,
    POLL    => 0.02,
};

my @running;
my $owner = $$;

my %greeting = (
    AUTH   => "+OK\r\n",
    SELECT => "+OK\r\n",
    PING   => "+PONG\r\n",
    ROLE   => "*3\r\n\$6\r\nmaster\r\n:0\r\n*0\r\n",
);


sub server {
    my ($class, @conf) = @_;

    my $self = $class->new;

    Test::Editorial::spew("$self->{dir}/redis.conf", join "\n",
        "bind 127.0.0.1", "port $self->{port}{port}", "dir $self->{dir}",
        "unixsocket " . $self->path, 'save ""', 'daemonize no',
        "logfile $self->{dir}/log", @conf, '');

    $self->start;

    return $self;
}


sub fake {
    my ($class) = @_;

    my $self = $class->new;

    $self->{fake} = 1;
    $self->answer(%greeting);
    $self->start;

    return $self;
}


sub new {
    my ($class) = @_;

    my $self = bless {
        dir  => File::Temp::tempdir('redis-XXXXXX', TMPDIR => 1),
        port => Test::Editorial::free_port(),
    }, $class;

    push @running, $self;

    return $self;
}


sub address { "127.0.0.1:$_[0]{port}{port}" }
sub path    { "$_[0]{dir}/socket" }


sub start {
    my ($self) = @_;

    $self->{pid} = $self->{fake}
        ? Test::Editorial::child(sub { setpgrp; $self->serve })
        : Test::Editorial::child(sub {
            exec '/usr/bin/redis-server', "$self->{dir}/redis.conf";
          });

    for (1 .. TIMEOUT / POLL) {
        return if IO::Socket::INET->new($self->address);
        sleep POLL;
    }

    die "Redis did not start\n";
}


# A server that is stopped hangs up; one that is killed does so as well.

sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid} or return;

    $self->resume($pid);

    # the fake's connections are processes of its group
    kill 'TERM', -$pid if $self->{fake};

    Test::Editorial::ended($pid, 'TERM');
}


sub pause  { kill 'STOP', $_[0]{pid} }
sub resume { kill 'CONT', $_[1] || $_[0]{pid} }


# One command on a connection of its own: a string, undef for nil, a list as
# an array reference.  Errors are strings that begin with "-".

sub command {
    my ($self, @words) = @_;

    my $c = IO::Socket::UNIX->new($self->path) || die 'socket: ', $self->path;

    Test::Editorial::put($c, request(@words));

    return reply($c);
}


sub request {
    return join '', '*' . @_ . "\r\n",
                    map { '$' . length($_) . "\r\n$_\r\n" } @_;
}


sub reply {
    my ($c) = @_;

    local $/ = "\r\n";

    my $line = <$c>;

    die "no reply\n" unless defined $line;
    chomp $line;

    my ($type, $rest) = $line =~ /^(.)(.*)/s;

    return $line if $type eq '-';
    return $rest if $type =~ /[+:]/;
    return undef if $rest < 0;
    return [ map { reply($c) } 1 .. $rest ] if $type eq '*';

    read $c, my $bulk, $rest + 2;

    return substr $bulk, 0, $rest;
}


# From now on, also on connections that are there.

sub answer {
    my ($self, %answers) = @_;

    for my $words (keys %answers) {
        my $answer = $answers{$words};
        my $file = $self->answer_file($words);

        Storable::store(ref $answer ? $answer : [ $answer ], "$file.new");
        rename "$file.new", $file or die "$file: $!";
    }
}


sub answer_file {
    my ($self, @words) = @_;

    return "$self->{dir}/answer-" . unpack 'H*', join ' ', @words;
}


# What to a command, as a list.

sub answer_to {
    my ($self, @words) = @_;

    for my $n (1, 0) {
        my $file = $self->answer_file(@words > $n ? @words[0 .. $n] : @words);

        return @{ Storable::retrieve($file) } if -e $file;
    }

    return "-ERR unknown command\r\n";
}


# Commands that the fake has got so far: "GET key" …

sub commands {
    my ($self) = @_;

    return split /\n/, Test::Editorial::slurp("$self->{dir}/commands");
}


sub serve {
    my ($self) = @_;

    my $listen = IO::Socket::INET->new(LocalAddr => $self->address,
                                       Listen => 64, ReuseAddr => 1)
        or die "listen: $!";

    local $SIG{CHLD} = 'IGNORE';

    while (my $c = $listen->accept) {
        next if fork;
        close $listen;
        $self->converse($c);
        POSIX::_exit(0);
    }
}


sub converse {
    my ($self, $c) = @_;

    while (1) {
        my $words = eval { reply($c) };

        return unless ref $words;

        my @shown = @$words > 1 ? @$words[0, 1] : @$words;

        open my $log, '>>', "$self->{dir}/commands" or return;
        syswrite $log, "@shown\n";
        close $log;

        for my $part ($self->answer_to(@$words)) {
            return unless defined $part;

            if (ref $part) {
                sleep $$part;

            } else {
                Test::Editorial::put($c, $part) or return;
            }
        }
    }
}


END {
    if ($$ == $owner) {
        my $status = $?;

        for my $self (@running) {
            $self->stop;
            File::Path::remove_tree($self->{dir}) unless $ENV{EDITORIAL_KEEP};
        }

        $? = $status;
    }
}


1;
