# A tutorial's client, written as Python 3; the port comes from the command line, or the path of a Unix socket.
import sys
from socket import *

serverHost = 'localhost'
serverPort = sys.argv[1]

#发送至服务端的默认文本
message = [b'Hello network world']

if serverPort.startswith('/'):
    mysock = socket(AF_UNIX, SOCK_STREAM)
    mysock.connect(serverPort)
else:
    #建立一个tcp/ip套接字对象
    mysock = socket(AF_INET, SOCK_STREAM)
    #连接至服务器及端口
    mysock.connect((serverHost, int(serverPort)))

for line in message:
    #经过套按字发送line至服务端
    mysock.send(line)
    #从服务端接收到的数据，上限为1k
    data = mysock.recv(1024)

    print('Client received:', repr(data))

#关闭套接字
mysock.close( )
