# A tutorial's server, written as Python 3; the port comes from the command line, or the path of a Unix socket.
import sys
from socket import *

#''代表服务器为localhost
myHost = ''
#在一个非保留端口号上进行监听
myPort = sys.argv[1]

if myPort.startswith('/'):
    mysock = socket(AF_UNIX, SOCK_STREAM)
    mysock.bind(myPort)
else:
    #设置一个TCP socket对象
    mysock = socket(AF_INET, SOCK_STREAM)
    mysock.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    #绑定它至端口号
    mysock.bind((myHost, int(myPort)))
#监听，允许5个连结
mysock.listen(5)
print('listening', flush=True)

#直到进程结束时才结束循环
while True:
    #等待下一个客户端连结
    connection, address = mysock.accept( )
    #连接是一个新的socket
    print('Server connected by', address)
    while True:
        #读取客户端套接字的下一行
        data = connection.recv(1024)
        #如果没有数量的话，那么跳出循环
        if not data: break
        #发送一个回复至客户端
        connection.send(b'|From Server| ' + data)
    #当socket关闭时eof
    connection.close()
