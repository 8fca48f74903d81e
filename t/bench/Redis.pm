package Redis;

# A Redis beside the load, on redis.sock, and servers that use it:
#
#     start_redis();
#     my $said = redis('INFO', 'commandstats');
#
#     start_editorial($name, zone => 1, redis => 'timeout=1s', cache => 'on',
#                     gzip => 'off');

use strict;
use warnings;

use Exporter qw(import);
use POSIX ();

use Bench;
use Hits;

our @EXPORT = qw(ORIGIN start_redis redis start_editorial from_redis);

# Of a configuration: connections to the origin that are kept, and buffers.

use constant ORIGIN => <<'END';
upstream origin {
    server unix:origin.sock;
    keepalive 64;
    keepalive_requests 1000000000;
}

proxy_buffer_size 16k;
proxy_buffers 16 16k;
proxy_max_temp_file_size 0;
END


sub start_redis {
    start_store('redis', 'redis-server', '--port', 0, '--unixsocket',
                'redis.sock', '--save', '', '--maxmemory', '256mb',
                '--maxmemory-policy', 'allkeys-lru');
}


sub redis {
    open my $fh, '-|', 'redis-cli', '-s', 'redis.sock', @_
        or die "redis-cli: $!\n";

    local $/;

    return scalar <$fh>;
}


sub start_editorial {
    my ($name, %how) = @_;

    my $here = POSIX::getcwd();

    start_tier($name, 'redis', ['./module.so'],
        ZONE => $how{zone} ? 'editorial_zone pages:64m;' : '',
        REDIS => $how{redis}
                 ? "editorial_redis unix:$here/redis.sock $how{redis};" : '',
        CACHE => $how{cache}, GZIP => $how{gzip} || 'on', ORIGIN => ORIGIN);
}


sub from_redis {
    my ($answer) = @_;

    return ($answer->{headers}{'cache-status'} || '')
           =~ /^editorial; hit;.*detail=redis$/;
}


1;
