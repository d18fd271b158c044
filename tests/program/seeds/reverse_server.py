# A tutorial's server; the port comes from the command line.
import socket, sys

# 1.create server socket
server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

# 2.Bind ip address and port to symbol the only server
server.bind(('127.0.0.1', int(sys.argv[1])))

# 3.set the limit of connect to server
server.listen(5)
print('listening', flush=True)


# Link loop: server can tun long time
while True:
    # 4.start the server to begin listening the request from client
    print('Server is listening request...')
    client_connect, client_address = server.accept()
    print('The information of client:\n%s\nThe client ip address:\n%s' % (client_connect, client_address))

    # Message loop: server and client can communicate long time
    while True:
        try:
            # 5.set the limit of information received from client
            info = client_connect.recv(1024).decode('utf-8')   # bytes

            # a client that went away would be asked for ever
            if not info:
                break

            # when info is quit, just disconnect
            if info == 'quit':
                break

            # 6.send the data after operating
            client_connect.send(info[::-1].encode('utf-8'))
        # when any exception occur, just disconnect
        except Exception:
            break

    # 7.stop the connect to client
    client_connect.close()


# 8.stop the server
server.close()
