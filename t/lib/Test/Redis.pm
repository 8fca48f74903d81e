package Test::Redis;

# A Redis for a test: a real one, or one that answers what it is told to.
#
#     my $redis = Test::Redis->server('requirepass secret');
#
#     $redis->command('SET', 'key', 'value');
#     $redis->stop;   $redis->start;        # the port stays; stop('KILL')
#     $redis->pause;  $redis->resume;       # it hangs
#
#     my $fake = Test::Redis->fake;
#
#     $fake->answer('GET half' => ["\$10\r\nabc", \0.2, 'defghij', undef]);
#     $fake->answer('ROLE' => "*1\r\n\$5\r\nslave\r\n");
#
# What the fake answers is found by the command and its first argument, by the
# command alone, or is that to '*': bytes, or a list of bytes, \SECONDS to wait,
# and undef to close the connection.  An empty list is no answer at all.  It
# greets as a Redis does, unless told otherwise, and knows nothing else.
#
#     my $between = Test::Redis->fake(before => $redis);
#
#     $between->answer(GET => "-LOADING …\r\n");   # all else goes to $redis
#     $between->forget('GET');                     # and so does that, again
#
#     Test::Redis->fake(before => $redis, first => sub { my @words = @_; ... })
#
# calls that, in a process of its own, before a command is passed on.
#
# address() is HOST:PORT, url() that of a server, path() that of a socket.  All
# ends with the test.

use strict;
use warnings;

use File::Path ();
use File::Temp ();
use IO::Select;
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
    my ($class, %opt) = @_;

    my $self = $class->new;

    $self->{fake} = 1;
    $self->{before} = $opt{before};
    $self->{first} = $opt{first};
    $self->answer(%greeting) unless $opt{before};
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
sub url     { 'redis://' . $_[0]->address }
sub path    { "$_[0]{dir}/socket" }


sub start {
    my ($self) = @_;

    $self->{pid} = $self->{fake}
        ? Test::Editorial::child(sub { setpgrp; $self->serve })
        : Test::Editorial::child(sub {
            exec '/usr/bin/redis-server', "$self->{dir}/redis.conf";
          });

    for (1 .. TIMEOUT / POLL) {
        return if IO::Socket::INET->new($self->address)
                  && ($self->{fake} || IO::Socket::UNIX->new($self->path));
        sleep POLL;
    }

    die "Redis did not start\n";
}


# A server that is stopped hangs up; one that is killed does so as well.

sub stop {
    my ($self, $signal) = @_;

    my $pid = delete $self->{pid} or return;

    $self->resume($pid);

    # the fake's connections are processes of its group
    kill 'TERM', -$pid if $self->{fake};

    Test::Editorial::ended($pid, $signal || 'TERM');
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


# No answer of its own any more: they are what the server behind it says.

sub forget {
    my ($self, @all) = @_;

    unlink $self->answer_file($_) for @all;
}


sub answer_file {
    my ($self, @words) = @_;

    return "$self->{dir}/answer-" . unpack 'H*', join ' ', @words;
}


# What to a command, as a list; undef where it is none of the fake's own.

sub answer_to {
    my ($self, @words) = @_;

    my @first = @words > 1 ? @words[0, 1] : @words;

    for my $known ("@first", $words[0], '*') {
        my $file = $self->answer_file($known);
        my $answer = -e $file && eval { Storable::retrieve($file) };

        return $answer if $answer;
    }

    return $self->{before} ? undef : ["-ERR unknown command\r\n"];
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

    my $server = $self->{before}
                 && IO::Socket::INET->new($self->{before}->address);
    my %read = ($c => '', $server ? ($server => '') : ());
    my $select = IO::Select->new($c, $server || ());

    return if $self->{before} && !$server;

    while (1) {
        while (my $words = take(\$read{$c})) {
            $self->note(@$words);
            $self->{first}->(@$words) if $self->{first};

            my $answer = $self->answer_to(@$words);

            $answer ? $self->give($c, @$answer)
                    : ask($server, $c, \$read{$server}, @$words)
                or return;
        }

        for my $side ($select->can_read) {
            sysread $side, $read{$side}, 65536, length $read{$side} or return;
        }

        # what nobody has asked for
        if ($server && length $read{$server}) {
            Test::Editorial::put($c, $read{$server}) or return;
            $read{$server} = '';
        }
    }
}


sub note {
    my ($self, @words) = @_;

    my @shown = @words > 1 ? @words[0, 1] : @words;

    open my $log, '>>', "$self->{dir}/commands" or return;
    syswrite $log, "@shown\n";
    close $log;
}


sub give {
    my ($self, $c, @parts) = @_;

    for my $part (@parts) {
        return 0 unless defined $part;

        if (ref $part) {
            sleep $$part;

        } else {
            Test::Editorial::put($c, $part) or return 0;
        }
    }

    return 1;
}


# Asks the server, and passes on what comes until it holds a whole reply.

sub ask {
    my ($server, $c, $read, @words) = @_;

    Test::Editorial::put($server, request(@words)) or return 0;

    until (defined value_end($$read, 0)) {
        sysread $server, $$read, 65536, length $$read or return 0;
    }

    Test::Editorial::put($c, $$read) or return 0;
    $$read = '';

    return 1;
}


# Takes a whole request from what was read: its words.

sub take {
    my ($read) = @_;

    my $end = value_end($$read, 0);

    return unless defined $end;

    my $request = substr $$read, 0, $end, '';

    open my $in, '<', \$request or die "request: $!";

    return reply($in);
}


# Where the value that begins there ends; undef: not yet.

sub value_end {
    my ($bytes, $at) = @_;

    my $line_end = index $bytes, "\r\n", $at;

    return if $line_end < 0;

    my ($type, $n) = (substr($bytes, $at, 1),
                      substr($bytes, $at + 1, $line_end - $at - 1));

    $at = $line_end + 2;

    if ($type eq '$' && $n >= 0) {
        $at += $n + 2;
        return $at <= length $bytes ? $at : undef;
    }

    for (1 .. ($type eq '*' ? $n : 0)) {
        $at = value_end($bytes, $at);
        return unless defined $at;
    }

    return $at;
}


# Its clients, each a hash of what CLIENT LIST says.

sub clients {
    my ($self) = @_;

    return map { { /(\S+?)=(\S*)/g } } split /\n/,
           $self->command('CLIENT', 'LIST');
}


# Waits until so many connections have been greeted, and so many (none, where
# it is not said) are told what changes.

sub wait_for_clients {
    my ($self, $n, $told) = @_;

    for (1 .. TIMEOUT / POLL) {
        my @clients = $self->clients;
        my @told = grep { $_->{sub} } @clients;
        my @others = grep { !$_->{sub} && $_->{cmd} !~ /^(?:client|auth|NULL)/ }
                     @clients;

        return 1 if @others >= $n && @told >= ($told || 0);
        sleep POLL;
    }

    return 0;
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
