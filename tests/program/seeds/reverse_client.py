# A tutorial's client; the port comes from the command line.
import socket, sys

# 1.create client socket
client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)

# 2.connect to server with server's ip and port
client.connect(('127.0.0.1', int(sys.argv[1])))


# Message loop: server and client can communicate long time
while True:
    info = input('>>>')

    # when info is empty, stop sending
    if not info:
        continue

    # 3.must send bytes
    client.send(info.encode('utf-8'))

    # when info is quit, just disconnect
    if info == 'quit':
        break

    # 4.receive the data from server
    data = client.recv(1024)
    print(data.decode('utf-8'))


# 5.stop the client
client.close()
