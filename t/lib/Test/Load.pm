package Test::Load;

# Readers who ask while something happens to the server.
#
#     my $load = Test::Load->new(server => $t, pages => { '/page' => $body });
#     my ($asked, $failed, $wrong, $cut) = $load->during('reloads', sub { … });
#
# Each asks for one page after the other, plain or compressed, on connections
# of their own.  failed: no answer; wrong: another page, or another status than
# 200; cut: not whole.  That none is wrong is a test.

use strict;
use warnings;

use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);

use Test::Editorial;

use constant CLIENTS => 6;


sub new {
    my ($class, %opt) = @_;

    return bless { server => $opt{server}, pages => $opt{pages},
                   clients => $opt{clients} || CLIENTS,
                   dir => $opt{server}->dir }, $class;
}


# Options: port, as that of Test::Editorial; least, how many requests there must
# be.

sub during {
    my ($self, $name, $code, %opt) = @_;

    my $dir = $self->{dir};
    my @pids;

    unlink "$dir/stop";

    for my $n (1 .. $self->{clients}) {
        my $pid = fork;

        die "fork: $!" unless defined $pid;

        if ($pid == 0) {
            $self->ask($n, %opt);
            POSIX::_exit(0);
        }

        push @pids, $pid;
    }

    sleep 0.3;
    $code->();
    sleep 0.3;

    spew("$dir/stop", '');
    waitpid $_, 0 for @pids;

    my @sum = (0) x 4;

    for my $n (1 .. $self->{clients}) {
        my @said = split / /, slurp("$dir/client.$n");
        $sum[$_] += $said[$_] for 0 .. 3;
    }

    diag sprintf '%s: %u requests, %u failed, %u cut', $name, @sum[0, 1, 3];

    cmp_ok($sum[0], '>=', $opt{least} || 50, "$name: requests");
    is($sum[2], 0, '... nobody got a wrong page');

    return @sum;
}


# One of them: until the file "stop" is there.

sub ask {
    my ($self, $n, %opt) = @_;

    my ($asked, $failed, $wrong, $cut) = (0, 0, 0, 0);
    my @paths = sort keys %{ $self->{pages} };

    srand $n;

    until (-e "$self->{dir}/stop") {
        my $path = $paths[rand @paths];
        my $gzip = rand() < 0.5 ? "Accept-Encoding: gzip\r\n" : '';
        my $r = eval {
            $self->{server}->raw("GET $path HTTP/1.1\r\nHost: localhost\r\n"
                                 . "Connection: close\r\n$gzip\r\n", %opt);
        };

        $asked++;

        if (!$r || !$r->{status}) {
            $failed++;

        } elsif (!$r->{whole}) {
            $cut++;

        } else {
            $wrong++ unless $self->is_right($r, $path);
        }
    }

    spew("$self->{dir}/client.$n", "$asked $failed $wrong $cut");
}


sub is_right {
    my ($self, $r, $path) = @_;

    my $body = $r->{body};

    $body = gunzip($body) if $r->{headers}{'content-encoding'};

    return $r->{status} == 200 && defined $body
           && $body eq $self->{pages}{$path};
}


1;
