package Test::Editorial;

# An nginx with the module, an origin that does as it is told, and a client
# that sees every byte, in a folder of their own on ports of their own.
#
#     my $t = Test::Editorial->new;
#
#     $t->origin('/page' => { chunks => ['<p>', \0.2, 'One</p>'] });
#     $t->run('server { listen %%PORT%%; location / { editorial on; … } }');
#
#     my $r = $t->get('/page', 'Accept-Encoding: gzip');
#     is($r->{status}, 200);
#
#     $t->done;
#
# Several web servers are several of these: each has its own nginx, folder and
# ports, and those that are made with an origin ask that of the first.
#
#     my $redis = Test::Redis->server;
#     my $a = Test::Editorial->new(redis => $redis);
#     my $b = Test::Editorial->new(redis => $redis, origin => $a);
#
#     $_->run('editorial_redis %%REDIS%%; …') for $a, $b;
#     $a->parallel(64, '/page', { among => [$a, $b] });
#     is($a->asked('/page'), 1);
#
#     $a->done($b);
#
# EDITORIAL_NGINX is the nginx to start (default /usr/sbin/nginx),
# EDITORIAL_MODULE the .so to load, empty where the module is built in,
# EDITORIAL_DEBUG=1 writes nginx's debug log, EDITORIAL_KEEP=1 leaves the
# folder behind.
#
# done() stops everything and asserts, besides what the test asserts, that
# the error log has no [alert] and no [emerg], that no sanitizer has reported
# anything, and that nginx ended in good order.

use strict;
use warnings;

use Compress::Zlib ();
use Fcntl qw(:flock);
use File::Path ();
use File::Spec;
use File::Temp ();
use IO::Handle;
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Socket qw(IPPROTO_TCP TCP_NODELAY SOL_SOCKET SO_RCVBUF);
use Test::More;
use Time::HiRes qw(sleep time);

use parent 'Exporter';

our @EXPORT = qw(
    article furnished stripped same eventually slurp spew gzip gunzip deflate
    raw_deflate
);

use constant {
    FIRST_PORT => 10_000,            # below what clients are given
    PORTS      => 20_000,
    TIMEOUT    => 15,                # seconds, for anything
    POLL       => 0.02,
};

my @running;                         # objects whose processes may run
my $owner = $$;                      # forked children must not stop them


sub new {
    my ($class, %opt) = @_;

    my $self = bless {
        workers => $opt{workers} || 1,
        dir     => File::Temp::tempdir('editorial-XXXXXX', TMPDIR => 1),
        nginx   => $ENV{EDITORIAL_NGINX} || '/usr/sbin/nginx',
        module  => $ENV{EDITORIAL_MODULE},
        redis   => $opt{redis},              # a Test::Redis
        first   => $opt{origin},             # whose origin this one asks
        pages   => {},
        servers => [],
        ports   => [],
        allowed => [],
    }, $class;

    mkdir "$self->{dir}/$_" or die "$self->{dir}/$_: $!" for qw(html temp);
    chmod 0755, $self->{dir};

    spew("$self->{dir}/requests", '');

    # what nginx itself leaves behind when it ends
    spew("$self->{dir}/leaks", "leak:ngx_regex_malloc\n");
    $ENV{LSAN_OPTIONS} = "suppressions=$self->{dir}/leaks:"
                         . 'print_suppressions=0';

    push @running, $self;

    return $self;
}


sub dir  { $_[0]{dir} }


# Is nginx built with a sanitizer?  Then it takes what memory it likes.

sub sanitized {
    my ($self) = @_;

    return scalar `$self->{nginx} -V 2>&1` =~ /-fsanitize/;
}


# A port that no other test has: its lock is held to the end of this process.

sub port {
    my ($self, $n) = @_;

    $n ||= 0;

    while (@{ $self->{ports} } <= $n) {
        push @{ $self->{ports} }, free_port();
    }

    return $self->{ports}[$n]{port};
}


sub free_port {
    my $locks = File::Spec->catdir(File::Spec->tmpdir, "editorial-ports-$>");

    mkdir $locks;

    for my $try (0 .. PORTS - 1) {
        my $port = FIRST_PORT + ($$ * 37 + $try) % PORTS;

        open my $lock, '>', "$locks/$port" or die "$locks/$port: $!";
        flock($lock, LOCK_EX | LOCK_NB) or next;

        IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port", Listen => 1,
                              ReuseAddr => 1)
            or next;

        return { port => $port, lock => $lock };
    }

    die "no port is free\n";
}


# What the origin answers, by path.  A page is a coderef, called with the
# connection and the request's bytes, or a hash of
#
#     status    "200 OK"
#     headers   a list of "Name: value"
#     type      "text/html"; undef for none
#     body      sent with a Content-Length
#     chunks    sent chunked: strings, and \SECONDS to wait
#     size      cuts the body into chunks of so many bytes
#     close     with a body: no length, the end is the connection's
#     cut       ends in the middle: the length, or the last chunk, is a lie

sub origin {
    my ($self, %pages) = @_;

    %{ $self->{pages} } = (%{ $self->{pages} }, %pages);
}


sub run {
    my ($self, $conf) = @_;

    $self->start_origin;
    $self->start_nginx($conf);
}


sub start_origin {
    my ($self) = @_;

    return if $self->{first};
    return if $self->{origin_started}++;

    serve($self, sub { $self->answer($_[0]) }, $self->origin_socket);
}


sub origin_socket {
    my ($self) = @_;

    return $self->{first}->origin_socket if $self->{first};
    return $self->{listen} ||= listener();
}


sub listener {
    return IO::Socket::INET->new(LocalAddr => '127.0.0.1:0', Listen => 64)
           || die "listen: $!";
}


# A server of another kind: its port.  code is called with each connection,
# in a process of its own.

sub serve {
    my ($self, $code, $listen) = @_;

    $listen ||= listener();

    push @{ $self->{servers} }, child(sub {
        local $SIG{CHLD} = 'IGNORE';

        while (my $c = $listen->accept) {
            next if fork;
            close $listen;
            $code->($c);
            POSIX::_exit(0);
        }
    });

    return $listen->sockport;
}


sub answer {
    my ($self, $c) = @_;

    $c->setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);

    my $request = '';

    until ($request =~ /\r\n\r\n/) {
        sysread $c, $request, 65536, length $request or return;
    }

    open my $log, '>>', "$self->{dir}/requests" or return;
    syswrite $log, pack('N/a*', $request);
    close $log;

    my ($method, $path) = $request =~ m{^(\S+) ([^ ?]+)} or return;
    my $page = $self->{pages}{$path};

    return $page->($c, $request) if ref $page eq 'CODE';

    $page ||= { status => '404 Not Found', body => "no $path\n" };

    $self->send_page($c, $page, $method);
}


sub send_page {
    my ($self, $c, $page, $method) = @_;

    my $body = $page->{body};
    my @chunks = @{ $page->{chunks} || [] };
    my $type = exists $page->{type} ? $page->{type} : 'text/html';

    if ($page->{size}) {
        @chunks = unpack "(a$page->{size})*", $body;
    }

    my @headers = ($page->{status} ? "HTTP/1.1 $page->{status}"
                                   : 'HTTP/1.1 200 OK',
                   'Connection: close', @{ $page->{headers} || [] });

    push @headers, "Content-Type: $type" if defined $type;

    my $chunked = @chunks && !$page->{close};

    if ($chunked) {
        push @headers, 'Transfer-Encoding: chunked';

    } elsif (defined $body && !$page->{close}) {
        push @headers, 'Content-Length: '
                       . (length($body) + ($page->{cut} ? 100 : 0));
    }

    put($c, join("\r\n", @headers) . "\r\n\r\n") or return;

    return if $method && $method eq 'HEAD';

    @chunks = ($body) if !@chunks && defined $body && length $body;

    for my $chunk (@chunks) {

        if (ref $chunk) {
            sleep $$chunk;
            next;
        }

        $chunk = sprintf("%x\r\n%s\r\n", length $chunk, $chunk) if $chunked;

        put($c, $chunk) or return;
    }

    put($c, "0\r\n\r\n") if $chunked && !$page->{cut};

    # a reset would destroy what the other side has not read yet
    shutdown $c, 1;
    sysread $c, my $rest, 65536;
}


# The requests that the origin has got so far, as bytes.

sub requests {
    my ($self) = @_;

    return unpack '(N/a*)*', slurp("$self->{dir}/requests");
}


# How many of them were for that path (with arguments, if any).

sub asked {
    my ($self, $path) = @_;

    return scalar grep { m{^\S+ \Q$path\E } } $self->requests;
}


sub last_request {
    my ($self) = @_;

    my @requests = $self->requests;

    return $requests[-1];
}


# Changes the first of these bytes wherever the workers' shared memory has
# them: in how many places; 0 where the memory cannot be written.

sub flip {
    my ($self, $bytes) = @_;

    my ($worker) = $self->workers or return 0;

    open my $maps, '<', "/proc/$worker/maps" or return 0;
    open my $mem, '+<:raw', "/proc/$worker/mem" or return 0;

    my $flipped = 0;

    for (grep { /rw-s.*\/dev\/zero/ } <$maps>) {
        no warnings 'portable';

        my ($from, $to) = map { hex } /^(\w+)-(\w+)/;
        my $memory = '';

        seek $mem, $from, 0;
        read $mem, $memory, $to - $from;

        while ($memory =~ /\Q$bytes\E/g) {
            seek $mem, $from + $-[0], 0;
            print $mem chr(ord($bytes) ^ 1);
            $mem->flush;
            $flipped++;
        }
    }

    return $flipped;
}


# nginx.conf around the http {} contents of a test.  %%PORT%%, %%PORT1%%…,
# %%ORIGIN%% (host:port), %%REDIS%% (its URL) and %%DIR%% are replaced.

sub conf {
    my ($self, $http, %opt) = @_;

    my $dir = $self->{dir};
    my $load = $self->{module} ? "load_module $self->{module};" : '';
    my $user = $> == 0 ? 'user root;' : '';
    my $level = $ENV{EDITORIAL_DEBUG} ? 'debug' : 'info';
    my $main = $opt{main} || '';

    my $conf = <<"END";
$load
$user
$main
daemon off;
worker_processes $self->{workers};
worker_shutdown_timeout 5s;
error_log $dir/error.log $level;
pid $dir/nginx.pid;

events {
    worker_connections 256;
}

http {
    log_format test '\$request_method \$request_uri \$status|\$editorial_skip|'
                    '\$editorial_furniture|\$editorial_variants|'
                    '\$editorial_article_id|\$editorial_uri';
    access_log $dir/access.log test;

    client_body_temp_path $dir/temp/body;
    proxy_temp_path $dir/temp/proxy;
    fastcgi_temp_path $dir/temp/fastcgi;
    uwsgi_temp_path $dir/temp/uwsgi;
    scgi_temp_path $dir/temp/scgi;

    root $dir/html;

$http
}
END

    my $origin = '127.0.0.1:' . $self->origin_socket->sockport;

    $conf =~ s/%%ORIGIN%%/$origin/g;
    $conf =~ s/%%REDIS%%/$self->{redis}->url/ge;
    $conf =~ s/%%DIR%%/$dir/g;
    $conf =~ s/%%PORT(\d*)%%/'127.0.0.1:' . $self->port($1 || 0)/ge;

    return $conf;
}


# nginx -t: (did it pass, what it said).

sub check {
    my ($self, $http, %opt) = @_;

    my $file = "$self->{dir}/check.conf";

    spew($file, $self->conf($http, %opt));

    # nginx -t ends without giving its configuration back
    local $ENV{ASAN_OPTIONS} = join ':', $ENV{ASAN_OPTIONS} || (),
                                         'detect_leaks=0';

    my $said = `$self->{nginx} -t -c $file -e stderr 2>&1`;

    push @{ $self->{said} }, $said;

    return ($? == 0, $said);
}


sub start_nginx {
    my ($self, $http, %opt) = @_;

    my $file = "$self->{dir}/nginx.conf";

    spew($file, $self->conf($http, %opt));

    $self->{pid} = child(sub {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', "$self->{dir}/stderr";
        open STDERR, '>>', "$self->{dir}/stderr";
        exec $self->{nginx}, '-c', $file, '-p', $self->{dir},
             '-e', "$self->{dir}/error.log";
        die "$self->{nginx}: $!";
    });

    for (1 .. TIMEOUT / POLL) {
        my $c = IO::Socket::INET->new('127.0.0.1:' . $self->port);
        return if $c;

        if (waitpid($self->{pid}, POSIX::WNOHANG()) > 0) {
            delete $self->{pid};
            last;
        }

        sleep POLL;
    }

    die 'nginx did not start: ', slurp("$self->{dir}/stderr"), "\n";
}


sub reload {
    my ($self) = @_;

    kill 'HUP', $self->{pid};
}


# The pids of the workers, those that are ending included.

sub workers {
    my ($self) = @_;

    my @pids = `pgrep -P $self->{pid}` =~ /(\d+)/g;

    return @pids;
}


sub stop {
    my ($self) = @_;

    if (my $pid = delete $self->{pid}) {
        $self->{exit} = ended($pid, 'QUIT');
    }

    while (my $pid = shift @{ $self->{servers} }) {
        ended($pid, 'TERM');
    }
}


# Ends a process of ours: its exit status.

sub ended {
    my ($pid, $signal) = @_;

    kill $signal, $pid;

    for (1 .. TIMEOUT / POLL) {
        return $? if waitpid($pid, POSIX::WNOHANG()) > 0;
        sleep POLL;
    }

    kill 'KILL', $pid;
    waitpid $pid, 0;

    return 'killed';
}


# The test expects such a line in the error log, [alert] though it be.

sub allow {
    my ($self, $pattern) = @_;

    push @{ $self->{allowed} }, $pattern;
}


sub done {
    my ($self, @others) = @_;

    $_->ends_well for @others, $self;

    done_testing();

    $_->clean for @others, $self;
}


sub ends_well {
    my ($self) = @_;

    $self->stop;

    my @log = split /^/, $self->log;

    for my $pattern (@{ $self->{allowed} }) {
        @log = grep { !/$pattern/ } @log;
    }

    my $said = join '', @{ $self->{said} || [] };
    my $stderr = slurp("$self->{dir}/stderr");

    is(join('', grep { /\[alert\]/ } @log), '', 'no alerts');
    is(join('', grep { /\[emerg\]/ } @log), '', 'no emergencies');
    is(join('', grep { /AddressSanitizer|runtime error|LeakSanitizer/ }
                     @log, split /^/, "$said$stderr"),
       '', 'no sanitizer reports');
    is($self->{exit} || 0, 0, 'nginx ended in good order');
}


sub clean {
    my ($self) = @_;

    return if $ENV{EDITORIAL_KEEP};

    File::Path::remove_tree($self->{dir}) if -d $self->{dir};
}


END {
    if ($$ == $owner) {
        my $status = $?;

        for my $self (@running) {
            $self->stop;
            $self->clean;
        }

        $? = $status;
    }
}


sub log    { slurp("$_[0]{dir}/error.log") }


# Lines of the access log, once there are n of them, as hashes.

sub access {
    my ($self, $n) = @_;

    my @lines;

    for (1 .. TIMEOUT / POLL) {
        @lines = split /\n/, slurp("$self->{dir}/access.log");
        last if @lines >= $n;
        sleep POLL;
    }

    return map {
        my %line;
        @line{qw(request skip furniture variants id uri)} = split /\|/, $_, -1;
        \%line;
    } @lines;
}


# The access log's line of the request made last.

sub last_access {
    my ($self) = @_;

    return ($self->access($self->{asked}))[-1];
}


# One request, one connection.

sub get {
    my ($self, $path, @headers) = @_;

    return $self->request('GET', $path, @headers);
}


sub head {
    my ($self, $path, @headers) = @_;

    return $self->request('HEAD', $path, @headers);
}


sub request {
    my ($self, $method, $path, @headers) = @_;

    my %opt = ref $headers[-1] ? %{ pop @headers } : ();

    unshift @headers, 'Host: localhost' unless grep { /^Host:/i } @headers;
    unshift @headers, 'Connection: close';

    return $self->raw(join("\r\n", "$method $path HTTP/1.1", @headers, '', ''),
                      %opt, method => $method);
}


# A call of the editors' API, by "anna" unless the headers say who: what it has
# in the body (JSON as text, or what becomes that), and of the answer {json}.

sub api {
    my ($self, $method, @call) = @_;

    return told($self->raw($self->api_request($method, @call),
                           method => $method));
}


# The bytes of such a call, for who sends them otherwise.

sub api_request {
    my ($self, $method, $path, $body, @headers) = @_;

    my $json = JSON::PP->new->allow_nonref->utf8;

    unshift @headers, 'Host: localhost', 'Connection: close';
    push @headers, 'X-User: anna' unless grep { /^X-User:/ } @headers;

    if (defined $body) {
        $body = $json->encode($body) if ref $body;
        push @headers, 'Content-Type: application/json',
                       'Content-Length: ' . length $body;
    }

    return join "\r\n", "$method /console/api/$path HTTP/1.1", @headers, '',
                         defined $body ? $body : '';
}


# A response, with its {json}.

sub told {
    my ($r) = @_;

    $r->{json} = eval {
        JSON::PP->new->allow_nonref->utf8->decode($r->{body})
    };

    return $r;
}


# Several calls at once: each a server, and what its api() takes.  The last byte
# of all goes when the others have come.  Responses in that order, with the
# seconds that each took.

sub together {
    my (@calls) = @_;

    my @open = map {
        my ($server, @call) = @$_;
        my $bytes = $server->api_request(@call);
        my $c = $server->connection;

        put($c, substr $bytes, 0, -1);
        [ $c, $bytes, @call ];
    } @calls;

    my $began = time;

    put($_->[0], substr $_->[1], -1) for @open;

    return map {
        my ($c, undef, $method) = @$_;
        my $r = told((responses(rest($c), $method))[0]);

        $r->{took} = time - $began;
        $r;
    } @open;
}


# What comes until the connection ends.

sub rest {
    my ($c) = @_;

    my $buf = '';
    my $select = IO::Select->new($c);

    while ($select->can_read(TIMEOUT)) {
        sysread $c, $buf, 65536, length $buf or last;
    }

    close $c;

    return $buf;
}


# Sends bytes and reads responses to the end of the connection: the first,
# or all of them in list context.  Options: method, port, and for slow readers
# rcvbuf, bytes (read at once), pause (after each read), stop (after so many
# bytes the connection is closed).

sub raw {
    my ($self, $bytes, %opt) = @_;

    my $c = $self->connection(%opt);
    my ($buf, @arrivals) = ('');

    put($c, $bytes);

    my $began = time;
    my $select = IO::Select->new($c);

    while ($select->can_read(TIMEOUT)) {
        my $n = sysread $c, $buf, $opt{bytes} || 65536, length $buf;
        last unless $n;
        push @arrivals, [time - $began, length $buf];
        last if $opt{stop} && length $buf >= $opt{stop};
        sleep $opt{pause} if $opt{pause};
    }

    close $c;

    my @methods = $bytes =~ /^(\w+) \S+ HTTP/mg;
    my @responses = responses($buf, @methods);

    $self->{asked} += @methods;
    $responses[0]{arrivals} = \@arrivals;

    return wantarray ? @responses : $responses[0];
}


# The same request n times at once: the responses, each with the seconds it
# took.  Option: among, the servers that get them in turn.

sub parallel {
    my ($self, $n, $path, @headers) = @_;

    my %opt = ref $headers[-1] ? %{ pop @headers } : ();
    my @among = $opt{among} ? @{ $opt{among} } : $self;

    unshift @headers, 'Host: localhost' unless grep { /^Host:/i } @headers;

    my $bytes = join "\r\n", "GET $path HTTP/1.1", 'Connection: close',
                             @headers, '', '';
    my $began = time;
    my (%open, @done);

    for my $i (0 .. $n - 1) {
        my $c = $among[$i % @among]->connection;

        put($c, $bytes);
        $open{$c} = { i => $i, buf => '' };
        $open{$c}{socket} = $c;
    }

    my $select = IO::Select->new(map { $_->{socket} } values %open);

    while ($select->count) {
        my @ready = $select->can_read(TIMEOUT) or last;

        for my $c (@ready) {
            my $o = $open{$c};

            next if sysread $c, $o->{buf}, 65536, length $o->{buf};

            $select->remove($c);
            close $c;
            $o->{took} = time - $began;
        }
    }

    $self->{asked} += $n;

    for my $o (sort { $a->{i} <=> $b->{i} } values %open) {
        my ($r) = responses($o->{buf}, 'GET');
        $r->{took} = defined $o->{took} ? $o->{took} : TIMEOUT;
        push @done, $r;
    }

    return @done;
}


sub connection {
    my ($self, %opt) = @_;

    socket my $c, Socket::PF_INET(), Socket::SOCK_STREAM(), 0
        or die "socket: $!";

    # before the connection is made, or it does not bound the window
    setsockopt $c, SOL_SOCKET, SO_RCVBUF, $opt{rcvbuf} if $opt{rcvbuf};

    connect $c, Socket::pack_sockaddr_in($self->port($opt{port} || 0),
                                         Socket::inet_aton('127.0.0.1'))
        or die "connect: $!";

    setsockopt $c, IPPROTO_TCP, TCP_NODELAY, 1;

    return $c;
}


# Responses out of the bytes of a connection: status, line, headers (by
# lower-case name, of equal ones joined by ", "), head, body (without chunked
# coding), whole (did it end as it said it would).

sub responses {
    my ($buf, @methods) = @_;

    my @responses;

    do {
        my $method = shift @methods || 'GET';
        my %r = (status => 0, headers => {}, body => '', whole => 0);

        if ($buf =~ s/\A(.*?)\r\n\r\n//s) {
            $r{head} = $1;
            ($r{line}, my @lines) = split /\r\n/, $r{head};
            ($r{status}) = $r{line} =~ / (\d+)/;

            for (@lines) {
                my ($name, $value) = /^([^:]+):\s*(.*)$/ or next;
                $name = lc $name;
                $r{headers}{$name} = exists $r{headers}{$name}
                                     ? "$r{headers}{$name}, $value" : $value;
            }

            take_body(\%r, \$buf, $method);
        }

        push @responses, \%r;

    } while (length $buf && @methods);

    return @responses;
}


sub take_body {
    my ($r, $buf, $method) = @_;

    my $length = $r->{headers}{'content-length'};

    if ($method eq 'HEAD' || $r->{status} =~ /^(1..|204|304)$/) {
        $r->{whole} = 1;

    } elsif (($r->{headers}{'transfer-encoding'} || '') eq 'chunked') {

        while ($$buf =~ s/\A([0-9a-f]+)\r\n//i) {
            my $size = hex $1;

            if ($size == 0) {
                $r->{whole} = $$buf =~ s/\A\r\n//;
                last;
            }

            $r->{body} .= substr $$buf, 0, $size, '';
            $$buf =~ s/\A\r\n// or last;
        }

    } elsif (defined $length) {
        $r->{whole} = length $$buf >= $length;
        $r->{body} = substr $$buf, 0, $length, '';

    } else {
        $r->{whole} = 1;
        $r->{body} = $$buf;
        $$buf = '';
    }
}


# When were so many bytes there?

sub arrived {
    my ($r, $bytes) = @_;

    for (@{ $r->{arrivals} }) {
        return $_->[0] if $_->[1] >= $bytes;
    }

    return;
}


# An article page: n paragraphs, one of them a READ MORE line that the CMS
# wrote, before and after it whatever is asked for.

sub article {
    my (%opt) = @_;

    my $n = $opt{n} || 6;
    my $words = $opt{words} || 30;
    my $before = defined $opt{before} ? $opt{before}
                                      : '<header><p>Our paper</p></header>';
    my $after = defined $opt{after} ? $opt{after}
                                    : '<footer><p>All rights</p></footer>';
    my @p;

    for my $i (1 .. $n) {
        push @p, "<p>Paragraph $i "
                 . join(' ', map { 'word' . $i * 1000 . $_ } 1 .. $words)
                 . ".</p>";
    }

    splice @p, 2, 0, '<p>READ MORE: <a href="/other">Another story</a></p>'
        unless $opt{bare};

    return join "\n", '<!DOCTYPE html>', '<html lang="en"><head>',
                '<meta charset="utf-8"><title>A story</title>', '</head>',
                '<body>', $before, '<article>', '<h1>A story</h1>', @p,
                '</article>', $after, '</body></html>', '';
}


# Without its furniture, which must be the page as the origin sent it.

sub stripped {
    my ($page) = @_;

    $page =~ s{<aside\ class="editorial-read-more"\ [^>]*>
               (<p>READ\ MORE:.*?</p>)</aside>}{$1}sgx;
    $page =~ s{<p\ class="editorial-disclaimer"\ [^>]*>.*?</p>}{}sgx;
    $page =~ s{<link\ rel="stylesheet"\ href="/furniture\.css">}{}g;

    return $page;
}


# The kinds of furniture in a page, in order: "read_more/box …".

sub furnished {
    my ($page) = @_;

    return join ' ', $page =~ /data-editorial="([^"]*)"/g;
}


# is() for what is long: says where the two part.

sub same {
    my ($got, $expected, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $got = '' unless defined $got;

    return pass($name) if $got eq $expected;

    my $at = 0;
    $at++ while substr($got, $at, 1) eq substr($expected, $at, 1)
                && $at < length $got;

    fail($name);
    diag(sprintf 'of %d bytes instead of %d, other from byte %d on:',
         length $got, length $expected, $at);
    diag(sprintf '%8s: %s', @$_) for
        [ 'got', substr $got, $at, 60 ], [ 'expected', substr $expected, $at,
                                           60 ];
    return 0;
}


# Waits until code says something true, but not longer than so many seconds:
# how long it took; undef where it never did.

sub eventually {
    my ($code, $seconds) = @_;

    my $began = time;

    while (1) {
        my $true = eval { $code->() };
        my $now = time - $began;

        return $now if $true;
        return if $now > ($seconds || TIMEOUT);
        sleep POLL;
    }
}


sub gzip    { Compress::Zlib::memGzip($_[0]) }
sub gunzip  { Compress::Zlib::memGunzip($_[0]) }
sub deflate { Compress::Zlib::compress($_[0]) }


sub raw_deflate {
    my ($d) = Compress::Zlib::deflateInit(
        -WindowBits => -Compress::Zlib::MAX_WBITS());

    my ($out) = $d->deflate($_[0]);
    my ($rest) = $d->flush;

    return $out . $rest;
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

    open my $fh, '>:raw', $file or die "$file: $!";
    print $fh $content;
    close $fh or die "$file: $!";
}


# Writes all of it; false where the other side has gone.

sub put {
    my ($c, $bytes) = @_;

    local $SIG{PIPE} = 'IGNORE';

    my $done = 0;

    while ($done < length $bytes) {
        my $n = syswrite $c, $bytes, length($bytes) - $done, $done;
        return 0 unless defined $n;
        $done += $n;
    }

    return 1;
}


sub child {
    my ($code) = @_;

    my $pid = fork;

    die "fork: $!" unless defined $pid;

    return $pid if $pid;

    eval { $code->() };
    warn $@ if $@;
    POSIX::_exit(1);
}


1;
