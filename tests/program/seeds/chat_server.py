# A tutorial's server, written as Python 3; the port comes from the command line. Two repairs: it took its own child
# (pid 0) for a failed fork, and at the other's end a child went on into the loop, forking without end.
from socket import *
import os
import sys

HOST=''
PORT=int(sys.argv[1])  #服务器端口号
BUFSIZ=1024  #缓冲区大小
ADDR=(HOST,PORT)  #ip和端口构成地址

tcpSerSock=socket(AF_INET,SOCK_STREAM)  #生成新的socket对象
tcpSerSock.bind(ADDR)  #将ip与端口号绑定
tcpSerSock.listen(5) #监听

print("Waiting for connection......")
tcpCliSock,addr=tcpSerSock.accept()   #利用accept函数被动连接
print("connected from:",addr) #获取连接客户端的ip和端口号


def child():
        while True:
                data=tcpCliSock.recv(BUFSIZ) #接收数据
                if not data:
                        break
                print("From client:")
                print(data.decode())
                print('server:')
        os._exit(0)

def parent():
        while True:
                pid=os.fork() #fork函数产生子进程
                if pid<0:
                        print("fork failed!")
                        break
                elif pid==0:#进入子进程
                        child()
                else:
                        datac=input("server:")
                        if not datac:
                                break
                        tcpCliSock.send(('%s' %(datac)).encode()) #发送数据
                        print("send to client %s"%datac)


if __name__=='__main__':
        parent()
        tcpCliSock.close() #关闭连接
