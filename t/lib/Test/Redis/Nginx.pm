package Test::Redis::Nginx;

# An nginx that sends commands to Redis by HTTP, by the module in t/redis.
#
#     my $t = Test::Redis::Nginx->new;
#
#     $t->start('redis://127.0.0.1:6379', 'timeout=1s');
#     is($t->command('SET', 'key', 'value'), 'OK status 2');
#     $t->wait_for(connected => 0);
#     $t->done;

use strict;
use warnings;

use File::Basename qw(dirname);
use Test::More;
use Time::HiRes qw(sleep time);

use parent 'Test::Editorial';

use constant {
    TIMEOUT => 10,
    POLL    => 0.02,
};

my $locations = <<'END';
    location /command { redis_test_command; }
    location /again   { redis_test_command again; }
    location /cancel  { redis_test_command cancel; }
    location /get         { redis_test_get; }
    location /get-again   { redis_test_get again; }
    location /get-cancel  { redis_test_get cancel; }
    location /get-hold    { redis_test_get hold; }
    location /get-destroy { redis_test_get destroy; }

    location /track         { redis_test_track_status; }
    location /track-destroy { redis_test_track_status destroy; }

    location /guard   { redis_test_guard; }
    location /status  { redis_test_status; }
    location /static  { return 200 "here\n"; }
END


sub module {
    return dirname($ENV{EDITORIAL_MODULE} || '')
           . '/ngx_http_redis_test_module.so';
}


sub import {
    plan skip_all => 'there is no ' . module() unless -e module();
}


sub start {
    my ($self, @args) = @_;

    $self->start_nginx("redis_test @args; "
                       . "server { listen %%PORT%%; $locations }",
                       main => 'load_module ' . module() . ';');
}


# nginx -t: (did it pass, what it said).

sub check_directive {
    my ($self, @args) = @_;

    return $self->check("redis_test @args;",
                        main => 'load_module ' . module() . ';');
}


# What became of a command: the first line of the answer, or (line, text,
# seconds).  Where the first word begins with a slash it is the location.

sub command {
    my ($self, @words) = @_;

    my $location = $words[0] =~ m{^/} ? shift @words : '/command';
    my $began = time;
    my $r = $self->get("$location?" . join '&', map { escaped($_) } @words);
    my ($line, $text) = $r->{body} =~ /\A(.*?)\n(.*)\z/s;

    return wantarray ? ($line, $text, time - $began) : $line;
}


sub escaped {
    my ($word) = @_;

    $word =~ s/([^A-Za-z0-9_.-])/sprintf '%%%02X', ord $1/ge;

    return $word;
}


# Of the client, or where a location is given, of what that shows: likewise
# below.

sub status {
    my ($self, $location) = @_;

    return { $self->get($location || '/status')->{body} =~ /^(\S+) (.*)$/mg };
}


# The values of some of it, as words.

sub shows {
    my ($self, @names) = @_;

    my $location = $names[0] =~ m{^/} ? shift @names : undef;

    return join ' ', @{ $self->status($location) }{@names};
}


# Waits for a value, or one that a pattern fits: the seconds that it took;
# undef: too many.

sub wait_for {
    my ($self, @value) = @_;

    my $location = $value[0] =~ m{^/} ? shift @value : undef;
    my ($name, $value) = @value;
    my $wanted = ref $value ? $value : qr/\A\Q$value\E\z/;
    my $began = time;

    while (time - $began < TIMEOUT) {
        return time - $began if $self->status($location)->{$name} =~ $wanted;
        sleep POLL;
    }

    return;
}


sub worker {
    my ($self) = @_;

    my ($worker) = $self->workers;

    return $worker;
}


# The files that the worker has open.

sub descriptors {
    my ($self) = @_;

    my $worker = $self->worker;

    return scalar(() = glob "/proc/$worker/fd/*");
}


# How often the log says so.

sub said {
    my ($self, $pattern) = @_;

    return scalar(() = $self->log =~ /$pattern/g);
}


1;
